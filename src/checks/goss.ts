/**
 * A goss file as checks of our own (goss v0.4, docs/goss-yaml). It is read, never run: a resource or attribute without a
 * counterpart here is refused by name, and so is an attribute that asserts nothing, which goss lets pass.
 */
import { parse } from 'yaml';
import { IngotError, messageOf } from '../errors.ts';
import { type Check, checkSchema } from '../recipe/schema/test-checks-schema.ts';
import { suggest } from '../suggest.ts';

type Attributes = Readonly<Record<string, unknown>>;

interface Resource {
  /** Attributes with a counterpart, and what they have to be. */
  readonly known: Readonly<Record<string, Form>>;
  /** In the words of the recipe. */
  readonly check: (name: string, attributes: Attributes) => unknown;
}

/** What an attribute has to be. Any other type would assert nothing, or something else. */
interface Form {
  readonly title: string;
  readonly fits: (value: unknown) => boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const BOOLEAN: Form = { title: 'true or false', fits: (value) => typeof value === 'boolean' };
const TEXT: Form = { title: 'a text, in quotes', fits: isText };
const NUMBER: Form = { title: 'a whole number', fits: isNumber };
const VALUE: Form = { title: 'a text or a number', fits: (value) => isText(value) || typeof value === 'number' };
const TEXTS: Form = { title: 'a list of texts, each in quotes', fits: isTexts };
const PATTERNS: Form = {
  title: 'a list of texts, each in quotes, or lines',
  fits: (value) => isText(value) || isTexts(value),
};
const MILLISECONDS: Form = { title: 'milliseconds, as a number', fits: (value) => isNumber(value) && value > 0 };

/** They say nothing about the system. */
const ABOUT = ['title', 'meta'];

const given = (name: string, value: unknown): Attributes => (value === undefined ? {} : { [name]: value });

/** Its patterns are substrings, /expressions/, and either one negated by a `!`. */
const patternsOf = (value: unknown): { readonly contains: string[]; readonly lacks: string[] } => {
  const all = isText(value) ? value.split('\n').filter((line) => line !== '') : isTexts(value) ? value : [];
  const plain = all.map((text) => text.replace(/^\\(?=[!/])/, ''));
  return {
    contains: plain.filter((text, nth) => !all[nth]?.startsWith('!') && text !== ''),
    lacks: all.filter((text) => text.startsWith('!')).map((text) => text.slice(1)),
  };
};

const milliseconds = (value: unknown): Attributes => (isNumber(value) ? { within: `${Math.ceil(value / 1000)}s` } : {});

const output = (name: string, value: unknown, where: string): Attributes => {
  if (value === undefined) return {};
  const { contains, lacks } = patternsOf(value);
  if (lacks.length > 0) throw unsupported(where, `a negated pattern in \`${name}\``);
  return { [name]: contains };
};

const RESOURCES: Readonly<Record<string, Resource>> = {
  package: {
    known: { installed: BOOLEAN, versions: TEXTS },
    check(name, { installed, versions }) {
      const list = isTexts(versions) ? versions : [];
      if (list.length > 1) throw unsupported(`package.${name}`, 'several `versions`');
      return {
        package: {
          name,
          ...given('installed', installed),
          ...given('version', list.length === 1 ? `= ${list[0]}` : undefined),
        },
      };
    },
  },
  service: {
    known: { enabled: BOOLEAN, running: BOOLEAN },
    check: (name, { enabled, running }) => ({
      service: { name, ...given('enabled', enabled), ...given('running', running) },
    }),
  },
  port: {
    known: { listening: BOOLEAN, ip: TEXTS },
    check(name, { listening, ip }) {
      const [, protocol, port] = /^(tcp|udp)6?:(\d+)$/.exec(name) ?? [];
      if (protocol === undefined) throw unsupported(`port.${name}`, 'a name that is not tcp:PORT or udp:PORT');
      return { port: { listen: `${protocol}/${port}`, ...given('listening', listening), ...given('addresses', ip) } };
    },
  },
  file: {
    known: {
      exists: BOOLEAN,
      mode: TEXT,
      owner: TEXT,
      group: TEXT,
      filetype: TEXT,
      'linked-to': TEXT,
      contents: PATTERNS,
      contains: PATTERNS,
    },
    check(path, { exists, mode, owner, group, filetype, contents, contains: old, 'linked-to': target }) {
      const types: Readonly<Record<string, string>> = { file: 'file', directory: 'folder', symlink: 'link' };
      const patterns = contents ?? old;
      const { contains, lacks } = patternsOf(patterns);
      return {
        file: {
          path,
          ...given('exists', exists),
          ...given('mode', mode),
          ...given('owner', owner),
          ...given('group', group),
          ...given('type', isText(filetype) ? (types[filetype] ?? filetype) : undefined),
          ...given('target', target),
          ...(patterns === undefined || contains.length === 0 ? {} : { contains }),
          ...(lacks.length === 0 ? {} : { lacks }),
        },
      };
    },
  },
  user: {
    known: { exists: BOOLEAN, uid: NUMBER, groups: TEXTS, home: TEXT, shell: TEXT },
    check: (name, { exists, uid, groups, home, shell }) => ({
      user: {
        name,
        ...given('exists', exists),
        ...given('uid', uid),
        ...given('groups', groups),
        ...given('home', home),
        ...given('shell', shell),
      },
    }),
  },
  'kernel-param': { known: { value: VALUE }, check: (name, { value }) => ({ sysctl: { [name]: value } }) },
  mount: {
    known: { exists: BOOLEAN, opts: TEXTS, filesystem: TEXT },
    check(path, { exists, opts, filesystem }) {
      if (exists === false) throw unsupported(`mount.${path}`, '`exists: false`');
      return { mount: { path, ...given('options', opts), ...given('type', filesystem) } };
    },
  },
  command: {
    known: { exec: TEXT, 'exit-status': NUMBER, stdout: PATTERNS, stderr: PATTERNS, timeout: MILLISECONDS },
    check: (name, { exec, stdout, stderr, timeout, 'exit-status': exit }) => ({
      command: {
        run: exec ?? name,
        ...given('exit', exit),
        ...output('stdout', stdout, `command.${name}`),
        ...output('stderr', stderr, `command.${name}`),
        ...milliseconds(timeout),
      },
    }),
  },
  http: {
    known: { status: NUMBER, body: PATTERNS, timeout: MILLISECONDS, 'allow-insecure': BOOLEAN },
    check: (url, { status, body, timeout }) => ({
      http: { url, ...given('status', status), ...output('body', body, `http.${url}`), ...milliseconds(timeout) },
    }),
  },
};

/** Throws `recipe.goss` with all that cannot be taken over; `file` as a person calls it. */
export const readGoss = (text: string, file: string): Check[] => {
  if (/\{\{/.test(text)) throw unsupported(file, 'a template ({{ … }})');
  const document = parsed(text, file);
  const faults: IngotError[] = [];
  const tried = <T>(make: () => T): T[] => {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      faults.push(error);
      return [];
    }
  };
  const checks = Object.entries(document).flatMap(([kind, resources]) =>
    tried(() => {
      const resource = RESOURCES[kind];
      if (resource === undefined)
        throw unsupported(file, `the resource \`${kind}\``, suggest(kind, Object.keys(RESOURCES)));
      if (!isMapping(resources)) throw invalid(file, `${kind} is no mapping`);
      return Object.entries(resources).flatMap(([name, attributes]) =>
        tried(() => checkOf(resource, kind, name, attributes, file)),
      );
    }).flat(),
  );
  const [first, second] = faults;
  if (first !== undefined && second === undefined) throw first;
  if (first !== undefined) throw allOf(faults, file);
  if (checks.length === 0) throw invalid(file, 'there is no resource in it');
  return checks;
};

const allOf = (faults: readonly IngotError[], where: string): IngotError =>
  new IngotError('recipe.goss', `goss: ${faults.length} things cannot be taken over`, {
    where,
    detail: faults
      .map((one) => [one.where, one.message, one.detail].filter((part) => part !== undefined).join(': '))
      .join('\n'),
    hint: 'Write them as checks of the recipe (docs/testing-images.md lists both), or take them out.',
  });

const checkOf = ({ known, check }: Resource, kind: string, name: string, attributes: unknown, file: string): Check => {
  const where = `${file}: ${kind}.${name}`;
  if (!isMapping(attributes)) throw invalid(where, 'it has no attributes, so nothing would be checked');
  const own = Object.entries(attributes).filter(([key]) => !ABOUT.includes(key));
  for (const [key, value] of own) {
    const form = Object.hasOwn(known, key) ? known[key] : undefined;
    if (form === undefined) throw unsupported(where, `the attribute \`${key}\``, suggest(key, Object.keys(known)));
    if (isEmpty(value)) throw invalid(where, `\`${key}\` is empty, so it would check nothing`);
    if (isMapping(value) || (Array.isArray(value) && value.some(isMapping)))
      throw unsupported(where, `a matcher in \`${key}\``);
    if (!form.fits(value)) throw invalid(where, `\`${key}\` is ${JSON.stringify(value)}, expected ${form.title}`);
  }
  const read = checkSchema.safeParse(check(name, Object.fromEntries(own)));
  if (read.success) return read.data;
  throw invalid(
    where,
    read.error.issues.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`).join('; '),
  );
};

const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

const isMapping = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string, file: string): Attributes => {
  try {
    const document: unknown = parse(text, { maxAliasCount: 100 });
    if (isMapping(document)) return document;
  } catch (error) {
    throw invalid(file, messageOf(error));
  }
  throw invalid(file, 'it is no mapping of resources');
};

const unsupported = (where: string, what: string, meant?: string): IngotError =>
  new IngotError('recipe.goss', `goss: ${what} cannot be taken over`, {
    where,
    hint: `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Write it as a check of the recipe (docs/testing-images.md lists both).`,
  });

const invalid = (where: string, detail: string): IngotError =>
  new IngotError('recipe.goss', 'the goss file cannot be used', {
    where,
    detail,
    hint: 'Each attribute has to say what is wanted, in the type that it has in goss: any other would always hold.',
  });
