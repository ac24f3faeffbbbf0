/** A profile of SCAP content (CIS, STIG, ANSSI, …), judged by OpenSCAP's scanner in the guest: the rules of the profile are results. */
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { shellQuote } from '../../host/command-line.ts';
import { temporaryFolder } from '../../host/files.ts';
import type { OpenscapCheck } from '../../recipe/schema/test-checks-schema.ts';
import { type RuleText, ruleTexts, shortName, wholeProfile } from '../openscap/content.ts';
import { type Content, LOADER, packScanner } from '../openscap/scanner.ts';
import { fails, type GuestAnswer, holds, type NamedOutcome, type Planned, unjudged } from '../planned.ts';
import { tooLong } from './command.ts';

/** The files that a check names: where they are, and what they say. */
export interface NamedContent {
  readonly paths: Content;
  readonly datastream: string;
  readonly tailoring?: string | undefined;
}

/** `isOneOfSeveral`: other content is judged by a profile of this name too. Throws `recipe.openscap` where the content has no such profile. */
export const openscapChecks = (check: OpenscapCheck, content: NamedContent, isOneOfSeveral = false): Planned[] => {
  const texts = [content.datastream, ...(content.tailoring === undefined ? [] : [content.tailoring])];
  const profile = wholeProfile(check.profile, texts, check.datastream);
  const from = contentName(check);
  return [
    {
      rule: 'tests/openscap',
      name: `openscap ${shortName(profile)}${isOneOfSeveral ? ` of ${from}` : ''}`,
      run: async (guest) => {
        await using held = await temporaryFolder('ingot-openscap-');
        const [work, to] = [join(held.path, 'tree'), join(held.path, 'scanner.tar.gz')];
        await mkdir(work);
        await packScanner(content.paths, { work, to });
        const stdin = createReadStream(to);
        const answer = await guest.run(command(profile, content), { within: check.within, stdin });
        if (answer === undefined) return tooLong(check.within);
        const scan = readScan(answer);
        if (scan.results !== undefined) await guest.keep(`openscap-${shortName(profile)}-${from}.xml`, scan.results);
        return scanOutcomes(check, scan, ruleTexts(content.datastream));
      },
    },
  ];
};

/** The files by their names: one profile may be judged of several, and each has results of its own. */
const contentName = ({ datastream, tailoring }: Pick<OpenscapCheck, 'datastream' | 'tailoring'>): string =>
  [datastream, ...(tailoring === undefined ? [] : [tailoring])].map((path) => parse(path).name).join('-');

const FOLDER = '/run/ingot-openscap';

/** In memory, and in a file system of its own: /run is mounted `noexec` on many systems. All goes away with it. */
const command = (profile: string, { tailoring }: NamedContent): string => `umask 077
folder=${FOLDER}
mkdir "$folder" && mount -t tmpfs -o mode=700,nosuid,nodev,size=75% tmpfs "$folder" || exit 9
trap 'cd /; umount "$folder"; rmdir "$folder"' EXIT
gzip -dc | tar -x --no-same-owner -C "$folder" || exit 9
cd "$folder" || exit 9
LC_ALL=C OSCAP_CPE_PATH="$folder/cpe"
export LC_ALL OSCAP_CPE_PATH
scanner() { "./${LOADER}" --library-path "$folder/lib" ./oscap "$@" </dev/null; }
scanner xccdf eval --skip-validation --progress --profile ${shellQuote(profile)}${tailoring === undefined ? '' : ' --tailoring-file content/tailoring.xml'} \\
  --results-arf results.xml content/datastream.xml >progress 2>said
echo "@status $?"
echo @progress; cat progress
echo @said; tail -n 20 said
echo @version; scanner --version | head -n 1
echo @results; [ ! -s results.xml ] || gzip -c results.xml | base64
`;

/** What the scanner has told. */
interface Scan {
  /** 0: all hold. 2: not all. Undefined where it was not started. */
  readonly status: number | undefined;
  /** Result by rule, as XCCDF calls them: `pass`, `fail`, `notapplicable`, … */
  readonly rules: ReadonlyMap<string, string>;
  readonly said: string;
  readonly version: string;
  /** The results as ARF; undefined where there are none, or more than is kept. */
  readonly results: Buffer | undefined;
}

export const readScan = ({ stdout, stderr }: GuestAnswer): Scan => {
  const part = (name: string) =>
    new RegExp(`^@${name}\\n([\\s\\S]*?)(?=^@|$(?![\\s\\S]))`, 'm').exec(stdout)?.[1] ?? '';
  const [, status] = /^@status (\d+)$/m.exec(stdout) ?? [];
  const rules = [...part('progress').matchAll(/^(\S+):([a-z]+)$/gm)].map(
    ([, id = '', result = '']) => [id, result] as const,
  );
  return {
    status: status === undefined ? undefined : Number(status),
    rules: new Map(rules),
    said: (part('said').trim() || stderr.trim()).split('\n').at(-1) ?? '',
    version: /[\d.]+/.exec(part('version'))?.[0] ?? '',
    results: unpacked(part('results')),
  };
};

const MORE_MEMORY = 'Large content takes some hundred megabytes of memory: give the machine more.';

/** Bytes: a guest can make up any. */
const MOST_RESULTS = 2 ** 28;

const unpacked = (text: string): Buffer | undefined => {
  try {
    return text.trim() === '' ? undefined : gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_RESULTS });
  } catch {
    return undefined;
  }
};

/** Holds: `pass` and `fixed`. What the content itself does not judge is counted in the whole, and no pass. */
export const scanOutcomes = (
  { maxFail, mayFail }: Pick<OpenscapCheck, 'maxFail' | 'mayFail'>,
  { status, rules, said, version }: Scan,
  texts: ReadonlyMap<string, RuleText>,
): NamedOutcome[] => {
  const whole = 'as a whole';
  const isThrough = status === 0 || status === 2;
  if (rules.size === 0)
    return [
      {
        ...unjudged(`the scanner came to no result${said === '' ? '' : `: ${said.slice(0, 300)}`}`, {
          hint: status === undefined ? `It needs gzip, tar and mount in the guest. ${MORE_MEMORY}` : undefined,
        }),
        name: whole,
      },
    ];
  const ids = (...wanted: readonly string[]) =>
    [...rules].flatMap(([id, result]) => (wanted.includes(result) ? [id] : []));
  const may = (id: string) => mayFail.some((one) => one === id || one === shortName(id));
  const [held, failed, unknown] = [ids('pass', 'fixed'), ids('fail'), ids('error', 'unknown')];
  const excused = failed.filter(may);
  const counted = failed.filter((id) => !may(id));
  const isOver = counted.length > maxFail;
  const told = (id: string): string => {
    const text = texts.get(id);
    return text === undefined ? shortName(id) : `${text.title} (${text.severity})`;
  };
  const one = (id: string, outcome: Omit<NamedOutcome, 'name'>): NamedOutcome => ({ ...outcome, name: shortName(id) });
  const others = (['notapplicable', 'notchecked', 'informational'] as const).flatMap((result) => {
    const count = ids(result).length;
    return count === 0 ? [] : [`${count} ${SAID[result]}`];
  });
  const found = [
    `${held.length} of ${held.length + failed.length} rules hold`,
    ...others,
    ...(version === '' ? [] : [`oscap ${version}`]),
  ].join(', ');
  const stale = mayFail.filter((name) => !failed.some((id) => id === name || shortName(id) === name));
  return [
    ...held.map((id) => one(id, holds(told(id)))),
    ...excused.map((id) => one(id, holds(`${told(id)}: does not hold, and need not (mayFail)`))),
    ...counted.map((id) =>
      one(id, isOver ? fails(told(id)) : holds(`${told(id)}: one of the ${maxFail} that may fail`)),
    ),
    ...unknown.map((id) => one(id, unjudged(`${told(id)}: the scanner could not tell`))),
    {
      ...(!isThrough
        ? unjudged(`the scanner ended with status ${status} before it was through: ${found}`, { hint: MORE_MEMORY })
        : held.length + failed.length === 0
          ? unjudged(`no rule was judged: ${found}`, {
              hint: "Content is made for one release of one system: is it the image's?",
            })
          : isOver
            ? fails(found, {
                wanted: `at most ${maxFail} that do not hold`,
                found: String(counted.length),
                hint: 'The results in the run folder (openscap-….xml) say why: `oscap xccdf generate report` makes a page of them.',
              })
            : holds(`${found}${stale.length === 0 ? '' : `; holds by now: ${stale.join(', ')} (mayFail)`}`)),
      name: whole,
    },
  ];
};

const SAID = {
  notapplicable: 'not applicable',
  notchecked: 'not judged by the content',
  informational: 'for information',
};
