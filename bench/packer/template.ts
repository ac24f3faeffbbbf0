/**
 * Packer's template: the best practical settings of its QEMU builder (1.6.6), each with its reason. The machine has what
 * Ingot's has: processors, memory, disk, virtio, no network but the forwarded SSH port.
 */
import { CPU } from '../../src/machine/argv.ts';

export interface BuilderInput {
  readonly accelerator: 'kvm' | 'tcg';
  /** The ISO or disk image, and its SHA-256. */
  readonly source: string;
  readonly sha256: string;
  /** The private key of admin-user. */
  readonly key: string;
  /** Must not exist yet. */
  readonly output: string;
  /** A file for the serial console. */
  readonly serialLog: string;
}

export interface TemplateInput extends BuilderInput {
  /** Provisioning script, and what the motd says. */
  readonly script: string;
  readonly motd: string;
}

export const MACHINE = { cpus: 2, memory: 2048, disk: '4096M' } as const;

/** Of a machine that installs from a medium. */
export const packerTemplate = (input: TemplateInput) => ({
  builders: [{ ...builder(input), disk_size: MACHINE.disk, qemuargs: qemuArguments(input) }],
  provisioners: [shell(input.script, { MOTD: input.motd })],
});

/** What all machines have, whatever they start from. */
export const builder = (input: BuilderInput) => ({
  type: 'qemu',
  vm_name: 'bench.qcow2',
  output_directory: input.output,
  iso_url: input.source,
  iso_checksum: `sha256:${input.sha256}`,
  accelerator: input.accelerator,
  cpus: MACHINE.cpus,
  memory: MACHINE.memory,
  format: 'qcow2',
  disk_interface: 'virtio',
  net_device: 'virtio-net',
  // No flush reaches the host's disk; what the guest trims is not in the image.
  disk_cache: 'unsafe',
  disk_discard: 'unmap',
  disk_detect_zeroes: 'unmap',
  // One `qemu-img convert -c`, which compacts as well.
  disk_compression: true,
  // It starts by itself: nothing is typed. (disable_vnc is not obeyed; the screen is on 127.0.0.1 alone.)
  headless: true,
  boot_wait: '0s',
  communicator: 'ssh',
  ssh_username: 'admin-user',
  ssh_private_key_file: input.key,
  ssh_timeout: '2h',
  shutdown_command: 'sudo systemctl poweroff',
  shutdown_timeout: '15m',
});

export const shell = (script: string, variables: Readonly<Record<string, string>> = {}) => ({
  type: 'shell',
  script,
  environment_vars: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  execute_command: 'sudo env {{ .Vars }} sh {{ .Path }}',
});

/** An option given here replaces all of Packer's own of that name. */
export const qemuArguments = ({ accelerator, serialLog }: BuilderInput): string[][] => [
  ...(accelerator === 'tcg'
    ? [
        ['-machine', 'type=pc'],
        ['-accel', 'tcg,thread=multi,tb-size=1024'],
      ]
    : []),
  ['-cpu', CPU[accelerator]],
  // Packer's own forward listens on all interfaces. restrict: as Ingot's machine, it reaches nothing.
  ['-netdev', 'user,id=user.0,restrict=on,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22'],
  ['-device', 'virtio-net,netdev=user.0'],
  ['-device', 'virtio-rng-pci'],
  ['-serial', `file:${serialLog}`],
];
