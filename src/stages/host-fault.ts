/** Whether something failed because of the host: then what was in use is still good. */
import { IngotError } from '../errors.ts';
import { named } from '../system-error.ts';

const CODES: ReadonlySet<string> = new Set([
  'machine.host-disk-full',
  'machine.host-memory',
  'machine.disk-error',
  'machine.firmware-missing',
  'machine.image-in-use',
  'machine.start-timeout',
  'machine.qemu-stopped',
]);

/** What tools and QEMU say of a host that cannot. */
const WORDS =
  /No space left|quota exceeded|Cannot allocate memory|Input\/output error|Permission denied|Too many open files|Read-only file system|was ended by SIG(KILL|TERM|XCPU)/i;

export const isHostFault = (thrown: unknown): boolean => {
  const error = named(thrown);
  // The operating system's own, of whatever kind.
  if (!(error instanceof IngotError)) return error instanceof Error && 'syscall' in error;
  if (error.code === 'host.command-failed' || error.code === 'machine.qemu-died')
    return WORDS.test(`${error.message}\n${error.detail ?? ''}`);
  return error.code.startsWith('host.') || CODES.has(error.code);
};
