/** Storage and the small devices of a machine: pure, one function a kind. */
import { type Option, type OptionGroup, type OptionWord, v, variable } from './option.ts';
import type { BootDevice, Disk, MachineSpec } from './spec.ts';

export const devices = (spec: MachineSpec): OptionGroup[] => [
  {
    why: 'A screen for firmware and boot menus; a source of randomness and a device that tells of a panic.',
    options: board(spec),
  },
  {
    why: 'Disks. unsafe: QEMU flushes at its end, and a build that is cut off is thrown away anyway.',
    options: disks(spec),
  },
  { why: 'The CD drive.', options: cdrom(spec) },
  { why: 'A USB stick.', options: usb(spec) },
];

const board = ({ paravirtual }: MachineSpec): Option[] => [
  ['-device', v`VGA`],
  ...(paravirtual === false
    ? []
    : ([
        ['-device', v`virtio-rng-pci`],
        ['-device', v`pvpanic-pci`],
      ] as const)),
];

/** `,bootindex=N` for the device's place in the boot order; nothing when it is not in it. 0 is a direct kernel's. */
export const bootIndex = ({ boot }: MachineSpec, kind: BootDevice, nth = 0): OptionWord =>
  boot.includes(kind) ? v`,bootindex=${1 + boot.indexOf(kind) * 10 + nth}` : [];

const disks = (spec: MachineSpec): Option[] => {
  const controllers: Option[] = [];
  if (spec.disks.some(({ bus }) => bus === 'scsi')) controllers.push(['-device', v`virtio-scsi-pci,id=scsi0`]);
  if (usesUsb(spec)) controllers.push(['-device', v`qemu-xhci,id=xhci`]);
  return [...controllers, ...spec.disks.flatMap((disk, index) => diskOptions(spec, disk, index))];
};

const usesUsb = (spec: MachineSpec): boolean => spec.usb !== undefined || spec.disks.some(({ bus }) => bus === 'usb');

const diskOptions = (spec: MachineSpec, disk: Disk, index: number): Option[] => {
  const id = `disk${index}`;
  const backend = v`if=none,id=${id},format=${disk.format},file=${disk.path}`;
  const writing = disk.readOnly
    ? v`,readonly=on`
    : v`,cache=unsafe,discard=unmap,detect-zeroes=unmap,werror=stop,rerror=report,snapshot=${variable('snapshot')}`;
  // NVMe has no disk without a serial number.
  const serial = disk.serial ?? (disk.bus === 'nvme' ? id : undefined);
  return [
    ['-drive', [...backend, ...writing]],
    [
      '-device',
      [
        ...frontend(disk, id, index),
        ...(serial === undefined ? [] : v`,serial=${serial}`),
        ...bootIndex(spec, 'disk', index),
      ],
    ],
  ];
};

const frontend = (disk: Disk, id: string, index: number): OptionWord => {
  switch (disk.bus) {
    case 'virtio':
      return v`virtio-blk-pci,drive=${id}`;
    case 'scsi':
      return v`scsi-hd,bus=scsi0.0,drive=${id}`;
    // Two channels of two disks each.
    case 'ide':
      return v`ide-hd,bus=ide.${Math.floor(index / 2)},unit=${index % 2},drive=${id}`;
    case 'ahci':
      return v`ide-hd,bus=ide.${index},drive=${id}`;
    case 'nvme':
      return v`nvme,drive=${id}`;
    case 'usb':
      return v`usb-storage,bus=xhci.0,drive=${id}`;
  }
};

/** The last of the six AHCI ports, out of the way of disks. */
const cdrom = (spec: MachineSpec): Option[] =>
  spec.cdrom === undefined
    ? []
    : [
        ['-drive', v`if=none,id=cd,format=raw,readonly=on,media=cdrom,file=${spec.cdrom}`],
        ['-device', [...v`ide-cd,bus=ide.5,drive=cd`, ...bootIndex(spec, 'cdrom')]],
      ];

const usb = (spec: MachineSpec): Option[] =>
  spec.usb === undefined
    ? []
    : [
        ['-drive', v`if=none,id=stick,format=raw,file=${spec.usb},snapshot=on`],
        ['-device', [...v`usb-storage,bus=xhci.0,drive=stick,removable=on`, ...bootIndex(spec, 'usb')]],
      ];
