/**
 * Whom a playbook is for. The build's inventory has the guest alone, in no group: plays for a group would be passed over
 * without an error, and plays for localhost would change the host that builds.
 */
import { parseDocument } from 'yaml';
import type { TextFault } from './text-fault.ts';

/** Names that the inventory has (guest/steps/ansible.ts). */
const GUEST: ReadonlySet<string> = new Set(['all', '*', 'ingot-guest', 'ungrouped']);
const HOST: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Where no play is for the guest; nothing of what is not sure: variables, patterns, other playbooks. */
export const aimFault = (text: string): TextFault | undefined => {
  const plays: unknown = parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 100 });
  if (!Array.isArray(plays)) return undefined;
  const aims = plays.map(aimOf);
  const names = aims.flatMap((aim) => aim ?? []);
  if (names.length === 0 || aims.includes(undefined) || names.some((name) => GUEST.has(name))) return undefined;
  return {
    message: names.every((name) => HOST.has(name))
      ? 'no play is for the guest: `hosts: localhost` is this host'
      : `no play is for the guest: \`hosts\` says ${[...new Set(names)].join(', ')}, and the inventory has no groups`,
    hint: 'Write `hosts: all`.',
  };
};

/** The names of a play's `hosts`; undefined where they cannot be told. */
const aimOf = (play: unknown): readonly string[] | undefined => {
  const hosts: unknown = typeof play === 'object' && play !== null && 'hosts' in play ? play.hosts : undefined;
  const names = (Array.isArray(hosts) ? hosts : [hosts]).flatMap((one) =>
    typeof one === 'string' ? (one === '::1' ? [one] : one.split(/[,:]/)).map((name) => name.trim()) : [undefined],
  );
  return names.every(
    (name) => name !== undefined && (GUEST.has(name) || name === '::1' || /^[A-Za-z0-9_.-]+$/.test(name)),
  )
    ? names.filter((name) => name !== undefined)
    : undefined;
};
