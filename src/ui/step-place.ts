/** Where a long step is, as far as a line of its output tells: the task of a playbook, the package that is being installed. */

const PLACES: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^(?:TASK|RUNNING HANDLER) \[(.+?)\] \**$/, 'task'],
  [/^PLAY \[(.+?)\] \**$/, 'play'],
  [/^FAILED - RETRYING: (?:\[\S+\]: )?(.+?)\.?$/, 'trying again'],
  // apt and dpkg
  [
    /^(?:Preparing to unpack|Selecting previously unselected package|Unpacking|Setting up|Removing) (?:\S*\/)?(\S+)/,
    'package',
  ],
  [/^Processing triggers for (\S+)/, 'triggers of'],
  [/^Get:\d+ \S+ \S+ \S+ (\S+) \S+ \S+ \[/, 'download'],
  // dnf and yum
  [/^ *(?:Installing|Upgrading|Cleanup|Erasing|Verifying) *: (\S+) +\d+\/\d+/, 'package'],
  [/^Collecting (\S+)/, 'package'],
];

/** ECMA-48, SGR and its like. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** Of an installer's syslog. */
const STAMP = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /;
const TAG = /^[\w-]+(?:\[\d+\])?: (?=[A-Z])/;

/** `task: NAME`, `package: NAME`; undefined when the line tells of no place. */
export const placeOf = (line: string): string | undefined => {
  for (const [pattern, what] of PLACES) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined) return `${what}: ${name.replace(/:$/, '')}`;
  }
  return undefined;
};

/** What is reported about a step that goes on: its place, else the last line with text. */
export class Whereabouts {
  #place = '';
  #line = '';

  /** A new part begins; nothing is known about it yet. */
  reset(): void {
    [this.#place, this.#line] = ['', ''];
  }

  see(line: string): void {
    const plain = line.replaceAll(COLOURS, '').replace(STAMP, '').trim();
    const place = placeOf(plain.replace(TAG, ''));
    if (place !== undefined) this.#place = place;
    if (/[\p{L}\p{N}]/u.test(plain)) this.#line = plain;
  }

  /** Empty when nothing has told it. */
  get place(): string {
    return this.#place;
  }

  get short(): string {
    return this.#place || this.#line;
  }

  /** Both, where the line alone does not tell the place. */
  get long(): string {
    return this.#place === '' || placeOf(this.#line) !== undefined ? this.#line : `${this.#place} · ${this.#line}`;
  }
}
