/**
 * The QEMU command line of a machine, as groups of options that each say why they are there. Pure: what it needs to
 * know of the host (profile, firmware) is handed in.
 */
import { doorPort } from '../access/access.ts';
import { bootIndex, devices } from './devices.ts';
import { type Option, type OptionGroup, type OptionWord, v, variable } from './option.ts';
import type { FirmwareFiles, Profile } from './profiles.ts';
import { doorIds, FRAMES, type MachineSpec } from './spec.ts';

export interface MachineContext {
  readonly profile: Profile;
  readonly firmware?: FirmwareFiles | undefined;
  /** The machine's variable store. */
  readonly variables: string;
  /** Files with credentials below the runtime folder: name → file name. */
  readonly credentials: readonly string[];
}

export const VARIABLES = 'uefi-vars.fd';

export const machineOptions = (spec: MachineSpec, context: MachineContext): OptionGroup[] =>
  [
    base(spec, context),
    system(spec),
    firmware(context),
    kernel(spec),
    bootOrder(),
    ...devices(spec),
    ...network(spec),
    ...consoles(spec),
    runtime(),
    credentials(context),
  ].filter((group) => group.options.length > 0);

/**
 * Emulated, a guest is an eighth quicker without what costs a real processor nothing: SMAP changes the address translation with each copy
 * from and to a program, ERMS and FSRM let the kernel move memory byte by byte, five levels of page tables are one more than four.
 */
export const CPU = { kvm: 'host', tcg: 'max,smap=off,erms=off,fsrm=off,la57=off' } as const;
const ACCEL: Record<MachineSpec['accelerator'], OptionWord> = { kvm: v`kvm`, tcg: v`tcg,thread=multi,tb-size=512` };

const base = (spec: MachineSpec, { profile }: MachineContext): OptionGroup => ({
  why: 'The board. Nothing that is not named here: no default devices, no configuration of the user.',
  options: [
    ['-name', v`guest=${spec.name}`],
    ['-no-user-config'],
    ['-nodefaults'],
    ['-machine', [boardOf(spec, profile)]],
    ['-accel', ACCEL[spec.accelerator]],
    ['-cpu', v`${CPU[spec.accelerator]}`],
    ['-smp', processors(spec)],
    ['-m', v`size=${Math.ceil(spec.memory / 2 ** 20)}M`],
    ['-rtc', v`base=${clockBase(spec)},driftfix=slew`],
    ['-action', v`reboot=${spec.onReboot}`],
    ...profile.options.map(([flag, value]): Option => [flag, [value]]),
  ],
});

/**
 * With room for one processor only, QEMU's emulation leaves out the barriers between the guest's memory accesses, which devices
 * need just as other processors do: an interrupt is lost once in some hours, and the guest waits for its disk for ever. A
 * second one that is never plugged in keeps them.
 */
const processors = ({ accelerator, cpus }: MachineSpec): OptionWord =>
  accelerator === 'tcg' && cpus === 1 ? v`1,maxcpus=2` : v`${cpus}`;

/** The newer board has no IDE controller. */
const boardOf = ({ disks }: MachineSpec, { machine }: Profile): string =>
  disks.some(({ bus }) => bus === 'ide') ? machine.replace('q35', 'pc') : machine;

/** As qemu(1) takes it: UTC, without a fraction. */
const clockBase = ({ clock }: MachineSpec): string => (clock === undefined ? 'utc' : clock.toISOString().slice(0, 19));

const system = ({ system: said, oemStrings = [] }: MachineSpec): OptionGroup => {
  const serial = said?.serial === undefined ? [] : v`,serial=${said.serial}`;
  const uuid = said?.uuid === undefined ? [] : v`,uuid=${said.uuid}`;
  return {
    why: 'What the firmware says of the machine.',
    options: [
      ...(serial.length + uuid.length === 0 ? [] : [['-smbios', [...v`type=1`, ...serial, ...uuid]] as const]),
      ...oemStrings.map((text): Option => ['-smbios', v`type=11,value=${text}`]),
    ],
  };
};

const firmware = (context: MachineContext): OptionGroup => ({
  why: 'UEFI firmware, and a variable store that belongs to this machine alone.',
  options:
    context.firmware === undefined
      ? []
      : [
          ['-drive', v`if=pflash,unit=0,format=raw,readonly=on,file=${context.firmware.code}`],
          ['-drive', v`if=pflash,unit=1,format=raw,file=${context.variables},snapshot=${variable('snapshot')}`],
        ],
});

const kernel = ({ kernel: direct }: MachineSpec): OptionGroup => ({
  why: 'A kernel loaded by QEMU itself.',
  options:
    direct === undefined
      ? []
      : [
          ['-kernel', [direct.image]],
          ...(direct.initrd === undefined ? [] : [['-initrd', [direct.initrd]] as const]),
          ['-append', [direct.append]],
        ],
});

const bootOrder = (): OptionGroup => ({
  why: 'Boots only what is named: with a disk without a boot loader the installer would start again.',
  options: [['-boot', v`strict=on`]],
});

const NIC = { virtio: 'virtio-net-pci', e1000e: 'e1000e' } as const;

/** Without them the frames have sums that are still to be made, and are longer than any card sends. */
const WHOLE_FRAMES = v`,csum=off,guest_csum=off,gso=off,host_tso4=off,host_tso6=off,host_ecn=off,host_ufo=off,guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off,mrg_rxbuf=off`;

const network = (spec: MachineSpec): OptionGroup[] => {
  const net = spec.network;
  if (net.mode === 'none') return [];
  const mac = net.mac === undefined ? [] : v`,mac=${net.mac}`;
  // Without its ROM the card offers no network boot, which nobody needs here.
  const rom = spec.boot.includes('network') ? [] : v`,romfile=`;
  const slot = net.slot === undefined ? [] : v`,addr=0x${net.slot.toString(16)}`;
  const whole = net.mode === 'stream' && net.model === 'virtio' ? WHOLE_FRAMES : [];
  const card: Option = [
    '-device',
    [...v`${NIC[net.model]},netdev=net0`, ...whole, ...mac, ...slot, ...rom, ...bootIndex(spec, 'network')],
  ];
  if (net.mode === 'stream') {
    const frames = v`stream,id=net0,server=off,addr.type=unix,addr.path=${variable('runtime')}/${FRAMES}.sock`;
    return [
      {
        why: 'A network whose frames come to Ingot, and go nowhere else.',
        only: 'ingot',
        options: [['-netdev', frames]],
      },
      { why: 'By hand it is cut off from everything.', only: 'hand', options: [['-netdev', userNetwork(net)]] },
      { why: 'The card.', options: [card] },
    ];
  }
  const what = net.mode === 'isolated' ? 'cut off from everything but' : 'open;';
  return [
    {
      why: `User networking, ${what} the port forward on 127.0.0.1.`,
      options: [['-netdev', userNetwork(net)], card],
    },
  ];
};

const userNetwork = ({ mode, forwardSsh, netboot }: MachineSpec['network']): OptionWord => {
  const restrict = mode === 'open' ? 'off' : 'on';
  const forward = forwardSsh ? v`,hostfwd=tcp:127.0.0.1:${variable('ssh_port')}-:22` : [];
  const folder = netboot?.folder === undefined ? [] : v`,tftp=${netboot.folder}`;
  const boot = netboot === undefined ? [] : [...folder, ...v`,bootfile=${netboot.file}`];
  return [...v`user,id=net0,ipv6=off,restrict=${restrict}`, ...forward, ...boot];
};

const consoles = ({ logPort, doors }: MachineSpec): OptionGroup[] => {
  const ids = doorIds({ doors: doors ?? 0 });
  const port: Option[] =
    logPort === undefined ? [] : [['-device', v`virtserialport,bus=ports.0,chardev=log,name=${logPort}`]];
  const ways = ids.map(
    (id, nth): Option => ['-device', v`virtserialport,bus=ports.0,id=${id},chardev=${id},name=${doorPort(nth)}`],
  );
  const bus: Option[] = port.length + ways.length === 0 ? [] : [['-device', v`virtio-serial-pci,id=ports`]];
  const socket: Option = ['-chardev', v`socket,id=log,path=${variable('runtime')}/log.sock`];
  return [
    {
      why: 'The serial console, and the port for the installer’s log: to Ingot, which writes them into files.',
      only: 'ingot',
      options: [
        ['-chardev', v`socket,id=serial,path=${variable('runtime')}/serial.sock`],
        ...(logPort === undefined ? [] : [socket]),
      ],
    },
    {
      why: 'The ways to the build’s own sshd. Here QEMU listens: the guest has to see when a connection ends.',
      only: 'ingot',
      options: ids.map(
        (id): Option => ['-chardev', v`socket,id=${id},path=${variable('runtime')}/${id}.sock,server=on,wait=off`],
      ),
    },
    {
      why: 'By hand the console is this terminal, and the installer’s log goes nowhere.',
      only: 'hand',
      options: [
        ['-chardev', v`stdio,id=serial,mux=on,signal=off`],
        ['-mon', v`chardev=serial,mode=readline`],
        ...(logPort === undefined ? [] : [['-chardev', v`null,id=log`] as const]),
        ...ids.map((id): Option => ['-chardev', v`null,id=${id}`]),
      ],
    },
    { why: 'All lead here.', options: [['-serial', v`chardev:serial`], ...bus, ...port, ...ways] },
  ];
};

const runtime = (): OptionGroup => ({
  why: 'Ingot’s control of the machine: QMP. The guest waits for it (-S), and a panic waits for its picture.',
  only: 'ingot',
  options: [
    ['-chardev', v`socket,id=qmp,path=${variable('runtime')}/qmp.sock`],
    ['-mon', v`chardev=qmp,mode=control`],
    ['-action', v`panic=pause`],
    ['-S'],
  ],
});

const credentials = ({ credentials: names }: MachineContext): OptionGroup => ({
  why: 'What this run hands to the guest (values in files that are gone by now).',
  only: 'ingot',
  options: names.map(
    (name): Option => ['-fw_cfg', v`name=opt/org.ingot/${name},file=${variable('runtime')}/credential-${name}`],
  ),
});
