/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings of iPXE */
/** What boot loaders make of the menus of a netboot on a machine: the initrds that they load, or nothing where they stop. */
import { run } from '../../src/host/run.ts';
import { parseSyslinux } from '../../src/media/menus/syslinux.ts';

export interface BootedMachine {
  /** Of the card that it boots by. */
  readonly mac: string;
  readonly serial?: string;
  readonly uuid?: string;
}

/** The commands that the scripts have, as https://ipxe.org/cmd says; `start` is `now`, for there is nobody to choose. */
export const ipxeLoads = (script: string, machine: BootedMachine): string[] => {
  const settings = new Map<string, string>(Object.entries({ ...machine, 'netX/mac': machine.mac }));
  const lines = script.split('\n').slice(1);
  const loads: string[] = [];
  let next = 0;
  let isOver = false;
  const command = ([verb = '', ...args]: readonly string[]): boolean => {
    const [first = '', ...rest] = args;
    if (verb === 'iseq') return first === rest.join(' ');
    if (verb === 'isset') return first !== '';
    if (verb === 'set') settings.set(first, rest.join(' '));
    else if (verb === 'clear') settings.delete(first);
    else if (verb === 'goto') next = lines.indexOf(`:${first}`) + 1;
    else if (verb === 'initrd') loads.push(first);
    else if (verb === 'exit' || verb === 'boot') isOver = true;
    else if (!['', 'echo', 'sleep', 'kernel'].includes(verb)) throw new Error(`iPXE knows no ${verb}`);
    return true;
  };
  while (!isOver) {
    const line = lines[next++];
    if (line === undefined) throw new Error('the script ends without a decision');
    if (line.startsWith(':') || line === '') continue;
    let holds = true;
    for (const [, operator, text = ''] of line.matchAll(/(^|&&|\|\|)((?:(?!&&|\|\|).)*)/g)) {
      if (operator !== undefined && operator !== '' && holds !== (operator === '&&')) continue;
      // Settings are put in after the line was split into words.
      const words = text.trim() === '' ? [] : text.trim().split(/ +/);
      holds = command(words.map((word) => word.replaceAll(/\$\{([^}]+)\}/g, (_, name) => settings.get(name) ?? '')));
    }
    if (!holds) throw new Error(`the script ends at ${line}`);
  }
  return loads;
};

/** GRUB's `if`, `[` and quoting are those of a shell; the rest of its commands are put into one here. */
const AS_GRUB = `
set() { printf -v "\${1%%=*}" %s "\${1#*=}"; }
linux() { :; }; sleep() { :; }; echo() { :; }
initrd() { printf '%s\\n' "$@"; }
smbios() {
  [ -n "$has_smbios" ] || return 1
  case $4 in 7) set serial="$firmware_serial" ;; 8) set uuid="$firmware_uuid" ;; esac
}
ingot=/srv
`;

export const grubLoads = async (script: string, machine: BootedMachine, hasSmbios = true): Promise<string[]> => {
  const entry = /^menuentry .* --id ingot \{\n([\s\S]*?)^\}$/m;
  const { stdout } = await run('bash', ['-c', `${AS_GRUB}${script.replace(entry, '$1')}`], {
    env: {
      PATH: '/usr/bin:/bin',
      net_default_mac: machine.mac,
      has_smbios: hasSmbios ? 'yes' : '',
      firmware_serial: machine.serial ?? '',
      firmware_uuid: machine.uuid ?? '',
    },
  });
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.replace('/srv/', '')]));
};

/** By the UUID, by the card, else the default; the entry is the one that starts by itself. */
export const pxelinuxLoads = (menus: ReadonlyMap<string, string>, { mac, uuid }: BootedMachine): string[] => {
  const text =
    menus.get(uuid ?? '') ?? menus.get(`01-${mac.replaceAll(':', '-')}`) ?? menus.get('default') ?? 'no default';
  const started = /^DEFAULT (\w+)$/m.exec(text)?.[1];
  return [...(parseSyslinux(text).entries.find(({ id }) => id === started)?.initrds ?? [])];
};
