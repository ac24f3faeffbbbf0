/**
 * A web server for one request, as inetd would start it: QEMU runs it for each connection to the address that a machine's
 * metadata is at. A file is its content, a folder the names in it, or what its file `.list` says.
 */
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('web.ts FOLDER');

let request = '';
for await (const chunk of process.stdin.setEncoding('latin1')) {
  request += chunk;
  if (request.includes('\r\n\r\n')) break;
}
const [line = ''] = request.split('\r\n');
const [method = '', address = ''] = line.split(' ');

const listing = async (path: string): Promise<string> => {
  const names = await readdir(path, { withFileTypes: true });
  if (names.some(({ name }) => name === '.list')) return readFile(join(path, '.list'), 'utf8');
  return names
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
    .join('\n');
};

/** Undefined where there is nothing. The token is EC2's, of the second version of its protocol. */
const answer = async (): Promise<string | undefined> => {
  if (method === 'PUT') return address === '/latest/api/token' ? 'a-token' : undefined;
  const path = join(folder, normalize(decodeURIComponent(address)));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? listing(path) : readFile(path, 'utf8');
};

const body = await answer();
await appendFile(`${folder}.log`, `${method} ${address} ${body === undefined ? 404 : 200}\n`);
const bytes = Buffer.from(body ?? 'nothing here\n');
const head = [
  `HTTP/1.1 ${body === undefined ? '404 Not Found' : '200 OK'}`,
  'Content-Type: text/plain',
  `Content-Length: ${bytes.length}`,
  'Connection: close',
];
process.stdout.write(`${head.join('\r\n')}\r\n\r\n`);
process.stdout.end(bytes, () => process.exit());
