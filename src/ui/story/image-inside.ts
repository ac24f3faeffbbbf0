/** What is in the captured image, on the page of a run: what takes the room, who gets in, what starts, what nothing explains. */
import { counted } from '../../counted.ts';
import { bytes } from '../format.ts';
import { html, section } from './html.ts';

export interface ImageInside {
  readonly system: { readonly name: string };
  readonly packages?: readonly { readonly name: string }[] | undefined;
  readonly files: { readonly count: number; readonly size: number };
  readonly size: readonly { readonly reason: string; readonly files: number; readonly size: number }[];
  readonly accounts: {
    readonly logins: readonly { readonly name: string; readonly password: string; readonly keys: readonly unknown[] }[];
  };
  readonly units: {
    readonly enabled: readonly { readonly unit: string }[];
    readonly timers: readonly { readonly unit: string }[];
  };
  readonly privileged: readonly { readonly path: string }[];
  readonly unowned?: { readonly unexplained: readonly { readonly path: string }[] } | undefined;
}

const MOST_REASONS = 12;
const MOST_NAMES = 60;

export const imageInside = (inside: ImageInside | undefined): string => {
  if (inside === undefined) return '';
  const { system, packages, files, size, accounts, units, privileged, unowned } = inside;
  const facts = [
    ...(packages === undefined ? [] : [`${packages.length} packages`]),
    `${files.count} files, ${bytes(files.size)}`,
  ];
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['room', size.slice(0, MOST_REASONS).map((one) => `${bytes(one.size)} ${one.reason}`)],
    [
      'who gets in',
      accounts.logins.map(
        ({ name, password, keys }) => `${name} (password ${password}, ${counted(keys.length, 'key')})`,
      ),
    ],
    ['what starts', units.enabled.map(({ unit }) => unit)],
    ['timers', units.timers.map(({ unit }) => unit)],
    ['more rights than the caller', privileged.map(({ path }) => path)],
    ['files that nothing explains', unowned?.unexplained.map(({ path }) => path) ?? []],
  ];
  const table = rows.map(([title, names]) => `<tr><th>${html(title)}</th><td>${html(listed(names))}</td></tr>`);
  return section(
    'inside',
    'What is in the image',
    `<p>${html([system.name, ...facts].join(', '))}</p>\n<table class="tests">\n${table.join('\n')}\n</table>`,
  );
};

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return 'none';
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return `${names.slice(0, MOST_NAMES).join(', ')}${more}`;
};
