/** How OpenSSH's client reaches a Unix socket: `ProxyCommand` (ssh_config(5)) needs a program, and Node is there. */
import { shellQuote } from '../host/command-line.ts';

const RELAY = [
  'const s = require("net").connect(process.argv[1])',
  'const end = () => process.exit()',
  's.on("error", end).on("close", end).pipe(process.stdout)',
  'process.stdin.pipe(s)',
].join('; ');

/** ssh takes `%` for the beginning of a token, and puts an exec before it. */
export const proxyCommand = (socket: string): string =>
  [process.execPath, '--eval', RELAY, socket].map(shellQuote).join(' ').replaceAll('%', '%%');
