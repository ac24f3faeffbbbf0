import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { writeLauncher } from '../../src/machine/launcher.ts';
import { shellWord, v, variable } from '../../src/machine/option.ts';
import type { MachineSpec } from '../../src/machine/spec.ts';
import { guestSpec } from './guest.ts';

const runFile = promisify(execFile);

/** What a launcher would start: a fake QEMU in front of PATH prints its arguments, one a line. */
const started = async (t: Test, spec: MachineSpec, args: readonly string[]): Promise<string[]> => {
  const folder = t.testdir();
  const fake = join(folder, 'qemu-system-x86_64');
  await writeFile(fake, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  await chmod(fake, 0o755);
  const launcher = await writeLauncher(spec, folder);
  await runFile('sh', ['-n', launcher]);
  const { stdout } = await runFile(launcher, [...args], { env: { PATH: `${folder}:${process.env['PATH']}` } });
  return stdout.trimEnd().split('\n');
};

/** The values of an option. */
const valuesOf = (args: readonly string[], flag: string): string[] =>
  args.flatMap((arg, index) => (arg === flag ? [args[index + 1] ?? ''] : []));

t.test('by hand and by Ingot', async (t) => {
  const spec = guestSpec('/images/a, "b" $HOME.raw', { credentials: { key: 'secret' }, doors: 2 });
  const byHand = await started(t, spec, []);
  const written = await started(t, spec, ['--write', '--ssh-port', '2222', '--display']);
  const byIngot = await started(t, spec, ['--write', '--runtime', '/run/x', '--parent', String(process.pid)]);

  const disk =
    'if=none,id=disk0,format=raw,file=/images/a,, "b" $HOME.raw,cache=unsafe,discard=unmap,detect-zeroes=unmap,werror=stop,rerror=report,snapshot=';
  t.same(valuesOf(byHand, '-drive'), [`${disk}on`], 'a path keeps its blanks, quotes, commas and dollars');
  t.same(valuesOf(written, '-drive'), [`${disk}off`]);
  t.match(valuesOf(byHand, '-netdev'), ['user,id=net0,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:0-:22']);
  t.match(valuesOf(written, '-netdev'), [/127\.0\.0\.1:2222-:22$/]);
  t.same(valuesOf(byHand, '-display'), ['none']);
  t.same(valuesOf(written, '-display'), ['gtk']);
  t.notOk(byHand.includes('-S') || byHand.some((arg) => arg.includes('qmp')), 'no QMP by hand');
  t.same(valuesOf(byHand, '-mon'), ['chardev=serial,mode=readline']);

  t.ok(byIngot.includes('-S'));
  t.same(valuesOf(byIngot, '-chardev'), [
    'socket,id=serial,path=/run/x/serial.sock',
    'socket,id=log,path=/run/x/log.sock',
    'socket,id=door0,path=/run/x/door0.sock,server=on,wait=off',
    'socket,id=door1,path=/run/x/door1.sock,server=on,wait=off',
    'socket,id=qmp,path=/run/x/qmp.sock',
  ]);
  t.same(valuesOf(byIngot, '-fw_cfg'), ['name=opt/org.ingot/key,file=/run/x/credential-key']);
  t.same(valuesOf(byHand, '-fw_cfg'), []);
  t.ok(valuesOf(byHand, '-chardev').includes('null,id=door1'), 'by hand nobody is at the door');
  for (const args of [byHand, byIngot])
    t.ok(valuesOf(args, '-device').includes('virtserialport,bus=ports.0,id=door1,chardev=door1,name=org.ingot.ssh.1'));
  t.notOk(byIngot.some((arg) => arg.includes('secret')));
});

t.test('wrong use says how', async (t) => {
  await t.rejects(started(t, guestSpec('/x'), ['--frob']), { code: 2, stderr: /--write .*for good/ });
});

t.test('what the firmware says', async (t) => {
  const { logPort: _, ...plain } = guestSpec('/d');
  const said = async (system: MachineSpec['system']) =>
    valuesOf(await started(t, { ...plain, ...(system ? { system } : {}) }, []), '-smbios');
  t.same(await said(undefined), []);
  t.same(await said({ serial: undefined }), []);
  t.same(await said({ serial: 'CZ 1,2', uuid: '4c4c4544-0043-3010-8052-b4c04f564231' }), [
    'type=1,serial=CZ 1,,2,uuid=4c4c4544-0043-3010-8052-b4c04f564231',
  ]);
});

t.test('devices', async (t) => {
  const bare = {
    network: { mode: 'open', model: 'e1000e', forwardSsh: false, mac: '52:54:00:00:00:01', slot: 16 },
  } as const;
  const { logPort: _, ...plain } = guestSpec('/d');
  const cases: [string, MachineSpec, string[], RegExp | undefined][] = [
    [
      'virtio',
      guestSpec('/d'),
      [
        'VGA',
        'virtio-rng-pci',
        'pvpanic-pci',
        'virtio-blk-pci,drive=disk0,bootindex=1',
        'virtio-net-pci,netdev=net0,romfile=',
        'virtio-serial-pci,id=ports',
        'virtserialport,bus=ports.0,chardev=log,name=org.ingot.log.0',
      ],
      undefined,
    ],
    [
      'bare metal',
      {
        ...plain,
        ...bare,
        paravirtual: false,
        disks: [{ path: '/d', format: 'qcow2', bus: 'ahci' }],
        usb: '/stick.iso',
        boot: ['usb', 'disk'],
      },
      [
        'VGA',
        'qemu-xhci,id=xhci',
        'ide-hd,bus=ide.0,drive=disk0,bootindex=11',
        'usb-storage,bus=xhci.0,drive=stick,removable=on,bootindex=1',
        'e1000e,netdev=net0,mac=52:54:00:00:00:01,addr=0x10,romfile=',
      ],
      /virtio/,
    ],
    [
      'scsi and a CD',
      {
        ...plain,
        network: { mode: 'none', model: 'virtio', forwardSsh: false },
        disks: [
          { path: '/d', format: 'raw', bus: 'scsi', serial: 'S1' },
          { path: '/e', format: 'raw', bus: 'scsi', readOnly: true },
        ],
        cdrom: '/cd.iso',
        boot: ['cdrom', 'disk'],
      },
      [
        'VGA',
        'virtio-rng-pci',
        'pvpanic-pci',
        'virtio-scsi-pci,id=scsi0',
        'scsi-hd,bus=scsi0.0,drive=disk0,serial=S1,bootindex=11',
        'scsi-hd,bus=scsi0.0,drive=disk1,bootindex=12',
        'ide-cd,bus=ide.5,drive=cd,bootindex=1',
      ],
      /netdev/,
    ],
    [
      'nvme',
      { ...plain, disks: [{ path: '/d', format: 'raw', bus: 'nvme' }] },
      [
        'VGA',
        'virtio-rng-pci',
        'pvpanic-pci',
        'nvme,drive=disk0,serial=disk0,bootindex=1',
        'virtio-net-pci,netdev=net0,romfile=',
      ],
      undefined,
    ],
  ];
  for (const [title, spec, devices, absent] of cases) {
    const args = await started(t, spec, []);
    t.same(valuesOf(args, '-device'), devices, title);
    if (absent)
      t.notOk(
        args.some((arg) => absent.test(arg)),
        `${title}: no ${absent}`,
      );
  }
});

t.test('one emulated processor has room for another, which keeps its memory accesses in order', async (t) => {
  for (const [accelerator, cpus, smp] of [
    ['tcg', 1, '1,maxcpus=2'],
    ['tcg', 2, '2'],
    ['kvm', 1, '1'],
  ] as const)
    t.same(valuesOf(await started(t, guestSpec('/disk.raw', { accelerator, cpus }), []), '-smp'), [smp]);
});

t.test('words for the shell', async (t) => {
  const variables = { snapshot: 'on', ssh_port: '0', runtime: '/run/r' };
  for (const text of ['plain', 'two words', '$HOME `id` "x" \\ \'y\'', 'a,b', '']) {
    const word = v`x=${text},snapshot=${variable('snapshot')}`;
    const { stdout } = await runFile('sh', ['-c', `snapshot=on; printf %s ${shellWord(word)}`]);
    t.equal(stdout, word.map((part) => (typeof part === 'string' ? part : variables[part.variable])).join(''), text);
    t.equal((await runFile('sh', ['-c', `printf %s ${shellWord([text])}`])).stdout, text);
  }
});

t.test('a network whose frames come to Ingot', async (t) => {
  const network = { mode: 'stream', model: 'virtio', forwardSsh: true } as const;
  const clock = new Date('2026-12-24T18:00:00.500Z');
  const spec = guestSpec('/images/a.raw', { network, clock });
  const byIngot = await started(t, spec, ['--runtime', '/run/x', '--parent', String(process.pid)]);
  const byHand = await started(t, spec, []);
  t.same(valuesOf(byIngot, '-netdev'), ['stream,id=net0,server=off,addr.type=unix,addr.path=/run/x/frames.sock']);
  t.match(valuesOf(byHand, '-netdev'), [/^user,id=net0,.*restrict=on/], 'by hand it reaches nothing');
  for (const args of [byIngot, byHand])
    t.match(
      valuesOf(args, '-device').find((device) => device.startsWith('virtio-net-pci')),
      /^virtio-net-pci,netdev=net0,csum=off,guest_csum=off,.*mrg_rxbuf=off/,
      'its frames are whole, with their sums',
    );
  t.same(valuesOf(byIngot, '-rtc'), ['base=2026-12-24T18:00:00,driftfix=slew']);
});
