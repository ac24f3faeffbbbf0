# The tiny guest that proves an accelerator: a boot sector that asks the firmware what a kernel asks it, enters 64-bit
# long mode, does there what a kernel does first, works a little, and answers through isa-debug-exit. There are
# hypervisors that start, run the firmware, and then emulate every instruction of a kernel one by one.
#
#   as --64 -o probe.o probe.S && ld -m elf_x86_64 -Ttext 0x7c00 --oformat binary -o probe.img probe.o
#   xxd -p -c 32 probe.img > probe.hex
#
# Memory: 0x7c00 this sector, 0x1000 PML4, 0x2000 PDPT, 0x3000 PD (1 GiB mapped one to one in 2 MiB pages), 0x4000
# IDT, from 0x5000 on what the firmware answers, from 16 MiB on 64 MiB to write to.
# Answer: 0x31 at port 0xf4, which ends QEMU with status (0x31 << 1) | 1 = 99.

.set ANSWER, 0x31
.set PAGES, 0x1000

.code16
.globl _start
_start:
    cli
    cld
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %esp

    # What a kernel's real-mode part does: ask the firmware about the disks (EDD), interrupts on.
    sti
    mov $0x80, %dl
probe_disk:
    push %dx
    mov $0x41, %ah
    mov $0x55aa, %bx
    int $0x13
    pop %dx
    push %dx
    mov $0x48, %ah
    mov $0x5000, %si
    movw $0x1a, (%si)
    int $0x13
    pop %dx
    push %dx
    mov $0x0201, %ax                 # one sector, cylinder 0, head 0, sector 1
    mov $1, %cx
    mov $0, %dh
    mov $0x6000, %bx
    int $0x13
    pop %dx
    inc %dl
    cmp $0x90, %dl
    jne probe_disk
    cli

    # Page tables. The three tables lie one after the other, so the links are 0x1000 apart.
    mov $PAGES, %edi
    mov %edi, %cr3
    xor %eax, %eax
    mov $0x3000 / 4, %ecx
    rep stosl
    movl $PAGES + 0x1003, PAGES
    movl $PAGES + 0x2003, PAGES + 0x1000
    mov $PAGES + 0x2000, %edi
    mov $0x83, %eax                  # present, writable, 2 MiB
    mov $512, %ecx
fill:
    mov %eax, (%di)
    add $0x200000, %eax
    add $8, %di
    loop fill

    in $0x92, %al                    # A20
    or $2, %al
    out %al, $0x92

    mov %cr4, %eax                   # PAE
    or $1 << 5, %eax
    mov %eax, %cr4
    mov $0xc0000080, %ecx            # EFER: long mode, no-execute, syscall
    rdmsr
    or $1 << 8 | 1 << 11 | 1 << 0, %eax
    wrmsr
    mov %cr0, %eax                   # paging, write protection, protected mode: now in long mode
    or $1 << 31 | 1 << 16 | 1 << 0, %eax
    mov %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $long_mode

.code64
long_mode:
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss

    # A GDT and an IDT at their 64-bit addresses, and an exception that is taken and returned from.
    lidt idt_pointer(%rip)
    lea fault(%rip), %rax
    mov $IDT + 6 * 16, %edi          # vector 6: invalid opcode
    mov %ax, (%rdi)
    movw $8, 2(%rdi)
    movw $0x8e00, 4(%rdi)
    shr $16, %rax
    mov %ax, 6(%rdi)
    movq $0, 8(%rdi)
    ud2
after_fault:

    # MSRs and CPUID that a kernel uses at once, a TLB flush by CR3, and memory beyond the first megabyte.
    mov $0xc0000101, %ecx            # GS base
    mov $0x5a5a, %eax
    xor %edx, %edx
    wrmsr
    xor %eax, %eax
    rdmsr
    cmp $0x5a5a, %eax
    jne silent
    mov $0x80000001, %eax
    cpuid
    bt $29, %edx                     # long mode is advertised
    jnc silent
    mov %cr3, %rax
    mov %rax, %cr3
    mov $0x1000000, %edi             # 16 MiB
    movq $0x1234, (%rdi)
    cmpq $0x1234, (%rdi)
    jne silent

    # Work: unpacking a kernel is tens of millions of instructions and megabytes of writes. A hypervisor that
    # emulates them one by one would take minutes, and an installation days.
    mov $50000000, %ecx
work:
    dec %ecx
    jnz work
    mov $0x1000000, %edi
    mov $0x4000000 / 8, %ecx         # 64 MiB
    rep stosq

    mov $ANSWER, %al
    out %al, $0xf4
silent:
    hlt
    jmp silent

fault:                               # skip the two bytes of ud2
    addq $2, (%rsp)
    iretq

    .balign 8
gdt:
    .quad 0
    .quad 0x00af9a000000ffff         # 64-bit code
gdt_pointer:
    .word . - gdt - 1
    .long gdt
idt_pointer:
    .word 16 * 32 - 1
    .quad IDT

.set IDT, 0x4000

    .org 510
    .word 0xaa55
