/** What a guest sent, put together: one flow for each thing that it talked to, in each part of the look at it. */
import type { Heard } from './network/conversation.ts';

export type FlowProtocol = 'dhcp' | 'dns' | 'ntp' | 'mdns' | 'llmnr' | 'icmp' | 'tcp' | 'udp' | 'other';

/** What was said in it, as far as it can be read. */
export type Said =
  | Heard
  | { readonly kind: 'dns'; readonly type: string }
  | {
      readonly kind: 'dhcp';
      readonly hostName: string | undefined;
      readonly vendor: string | undefined;
      readonly client: string | undefined;
    };

export interface Flow {
  /** Which part of the look: `boot`, `timer apt-daily.timer`, `shutdown`. */
  readonly phase: string;
  readonly protocol: FlowProtocol;
  /** The name that was asked for before, or in it. Undefined: an address that no name was asked for. */
  readonly name: string | undefined;
  readonly address: string;
  readonly port: number | undefined;
  /** Milliseconds after power-on. */
  readonly first: number;
  readonly last: number;
  /** Connections, or packets where there are none. */
  readonly tries: number;
  /** What the guest sent, without headers. */
  readonly bytes: number;
  readonly said: readonly Said[];
}

export interface FlowKey extends Pick<Flow, 'protocol' | 'name' | 'address' | 'port'> {}

export interface FlowTable {
  /** `tries`: 0 for more of what was counted already. */
  readonly add: (key: FlowKey, more: { readonly tries: number; readonly bytes: number; readonly said?: Said }) => void;
  readonly phase: (name: string) => void;
  readonly flows: () => readonly Flow[];
  /** Those that found no room: the table is not the whole truth then. */
  readonly lost: () => number;
}

const MOST_FLOWS = 20_000;
const MOST_SAID = 16;

/** `now`: milliseconds after power-on. */
export const createFlowTable = (now: () => number): FlowTable => {
  const table = new Map<string, Flow>();
  let phase = 'boot';
  let lost = 0;
  return {
    add(key, { tries, bytes, said }) {
      const { protocol, name, address, port } = key;
      const id = JSON.stringify([phase, protocol, name, address, port]);
      const time = now();
      const known = table.get(id);
      if (known === undefined && table.size >= MOST_FLOWS) {
        lost += 1;
        return;
      }
      const before = known ?? { phase, protocol, name, address, port, first: time, tries: 0, bytes: 0, said: [] };
      table.set(id, {
        ...before,
        last: time,
        tries: before.tries + tries,
        bytes: before.bytes + bytes,
        said: withSaid(before.said, said),
      });
    },
    phase(name) {
      phase = name;
    },
    flows: () => [...table.values()].sort((one, other) => one.first - other.first),
    lost: () => lost,
  };
};

const withSaid = (all: readonly Said[], one: Said | undefined): readonly Said[] => {
  if (one === undefined || all.length >= MOST_SAID) return all;
  const text = JSON.stringify(one);
  return all.some((other) => JSON.stringify(other) === text) ? all : [...all, one];
};
