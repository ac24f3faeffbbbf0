/**
 * Packer's template: the best practical settings of its QEMU builder (1.6.6), each with its reason. The machine has what
 * Ingot's has: processors, memory, disk, virtio, no network but the forwarded SSH port.
 */

export interface TemplateInput {
  readonly accelerator: 'kvm' | 'tcg';
  /** The ISO, and its SHA-256. */
  readonly iso: string;
  readonly sha256: string;
  /** The private key of admin-user. */
  readonly key: string;
  /** Must not exist yet. */
  readonly output: string;
  /** A file for the serial console. */
  readonly serialLog: string;
  /** Provisioning script, and what the motd says. */
  readonly script: string;
  readonly motd: string;
}

export const MACHINE = { cpus: 2, memory: 2048, disk: '4096M' } as const;

export const packerTemplate = (input: TemplateInput) => ({
  builders: [
    {
      type: 'qemu',
      vm_name: 'bench.qcow2',
      output_directory: input.output,
      iso_url: input.iso,
      iso_checksum: `sha256:${input.sha256}`,
      accelerator: input.accelerator,
      cpus: MACHINE.cpus,
      memory: MACHINE.memory,
      disk_size: MACHINE.disk,
      format: 'qcow2',
      disk_interface: 'virtio',
      net_device: 'virtio-net',
      // No flush reaches the host's disk; what the guest trims is not in the image.
      disk_cache: 'unsafe',
      disk_discard: 'unmap',
      disk_detect_zeroes: 'unmap',
      // One `qemu-img convert -c`, which compacts as well.
      disk_compression: true,
      // The medium starts by itself: nothing is typed. (disable_vnc is not obeyed; the screen is on 127.0.0.1 alone.)
      headless: true,
      boot_wait: '0s',
      communicator: 'ssh',
      ssh_username: 'admin-user',
      ssh_private_key_file: input.key,
      ssh_timeout: '2h',
      shutdown_command: 'sudo systemctl poweroff',
      shutdown_timeout: '15m',
      qemuargs: qemuArguments(input),
    },
  ],
  provisioners: [
    {
      type: 'shell',
      script: input.script,
      environment_vars: [`MOTD=${input.motd}`],
      execute_command: 'sudo env {{ .Vars }} sh {{ .Path }}',
    },
  ],
});

/** An option given here replaces all of Packer's own of that name. */
const qemuArguments = ({ accelerator, serialLog }: TemplateInput): string[][] => [
  ...(accelerator === 'tcg'
    ? [
        ['-machine', 'type=pc'],
        ['-accel', 'tcg,thread=multi,tb-size=1024'],
        ['-cpu', 'max'],
      ]
    : [['-cpu', 'host']]),
  // Packer's own forward listens on all interfaces. restrict: as Ingot's machine, it reaches nothing.
  ['-netdev', 'user,id=user.0,restrict=on,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22'],
  ['-device', 'virtio-net,netdev=user.0'],
  ['-device', 'virtio-rng-pci'],
  ['-serial', `file:${serialLog}`],
];
