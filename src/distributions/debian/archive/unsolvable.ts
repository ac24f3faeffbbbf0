/** Packages that cannot be installed together, explained by who wants what: apt itself names packages that nobody has asked for. */
import { IngotError } from '../../../errors.ts';
import { aptError } from './apt-error.ts';
import { exclusion } from './exclusion.ts';
import type { PackageEntry, PackageIndex } from './package-index.ts';
import { parseRelations } from './relations.ts';
import type { Request } from './request.ts';

/** A line of apt's list of unmet dependencies. */
interface Complaint {
  readonly name: string;
  readonly kind: string;
  readonly target: string;
  readonly reason: string;
}

const RELATION = /^ (?:(\S+) :)? *(Depends|PreDepends|Conflicts|Breaks): (\S+)(.*)$/;

/** Of the same package, apt writes the name once; what follows stands below the first relation. */
const complaintsOf = (output: string): Complaint[] => {
  let last = '';
  return output.split('\n').flatMap((line) => {
    const [, name, kind = '', target = '', reason = ''] = RELATION.exec(line) ?? [];
    last = name?.replace(/:\w+$/, '') ?? last;
    return kind === '' || last === '' ? [] : [{ name: last, kind, target: target.replace(/:\w+$/, ''), reason }];
  });
};

export interface WantedPackage {
  readonly index: PackageIndex;
  readonly requests: readonly Request[];
  /** Names that are not to be chosen. */
  readonly leftOut: readonly string[];
}

/** `output` is all that apt wrote when it found no solution. */
export const unsolvable = (output: string, wanted: WantedPackage): IngotError => {
  if (!/unmet dependencies|no installation candidate|conflict/i.test(output))
    return aptError(output, 'resolve the packages');
  const complaints = complaintsOf(output);
  const reasons = [...new Set(complaints.flatMap((complaint) => reasonOf(complaint, complaints, wanted)))];
  const told = reasons.slice(0, SAID).join('; ');
  return new IngotError('origin.unsolvable', `the packages cannot be installed together${told && `: ${told}`}`, {
    where: wanted.requests.find(({ name, where }) => where.startsWith('answers') && told.includes(`${name} (`))?.where,
    detail: [...reasons.slice(SAID), ...output.split('\n').filter(isTelling)].slice(0, 20).join('\n'),
    hint: 'Leave out one of those named, or ask for another package that does the same.',
  });
};

/** The useful part of what apt says: that a left-out package is missing is not news. */
const isTelling = (line: string): boolean =>
  /^E: |^ .*(Depends|Conflicts|Breaks)|^Package /.test(line) && !/is not installed, so not removed/.test(line);

/** Sentences in the message; the rest is in the detail. */
const SAID = 3;

const reasonOf = (complaint: Complaint, all: readonly Complaint[], wanted: WantedPackage): string[] => {
  const { name, kind, target, reason } = complaint;
  if (kind === 'Conflicts' || kind === 'Breaks') return excluding(name, all, wanted);
  const who = `${name} (${whoWants(name, wanted)})`;
  if (/not installable/.test(reason)) return [`${who} needs ${target}, which the archive does not have`];
  const [, there] = / but (\S+) is (?:to be )?installed/.exec(reason) ?? [];
  if (there !== undefined) return [`${who} needs ${target}${reason.replace(/ but .*/, '')}, and there is ${there}`];
  if (wanted.leftOut.includes(target)) return [`${who} needs ${target}, which is left out`];
  const opponent = opponentsOf(target, candidates(all, wanted), wanted)[0];
  if (opponent === undefined) return [`${who} needs ${target}, which cannot be installed with the others`];
  return [`${who} needs ${target}, which ${opponent.name} (${whoWants(opponent.name, wanted)}) excludes`];
};

const excluding = (name: string, all: readonly Complaint[], wanted: WantedPackage): string[] =>
  opponentsOf(name, candidates(all, wanted), wanted).map(({ name: other, by }) => {
    const [one, two] = [name, other].sort().map((each) => `${each} (${whoWants(each, wanted)})`);
    return `${one} and ${two} exclude each other${by === name || by === other ? '' : `: both are ${by}`}`;
  });

/** Those that may be meant: what apt would install, and what is asked for. A conflict's target may be what both provide. */
const candidates = (all: readonly Complaint[], { requests }: WantedPackage): Set<string> =>
  new Set([
    ...all.flatMap(({ name, target, reason }) => (/ to be installed/.test(reason) ? [name, target] : [name])),
    ...requests.map(({ name }) => name),
  ]);

const opponentsOf = (
  name: string,
  others: Iterable<string>,
  { index }: WantedPackage,
): { name: string; by: string }[] => {
  const entry = index.find(name)[0];
  if (entry === undefined) return [];
  return [...others].flatMap((other) => {
    const opponent = index.find(other)[0];
    const by = opponent && exclusion(entry, opponent);
    return by === undefined ? [] : [{ name: other, by }];
  });
};

/** `answers.packages`; `needed by freeipa-client, answers.packages`. The recipe's own requests come before the others. */
const whoWants = (name: string, { index, requests }: WantedPackage): string => {
  const own = requests.filter(({ where }) => where.startsWith('answers') || where.startsWith('origin'));
  const ordered = [...own, ...requests.filter((request) => !own.includes(request))];
  const direct = ordered.find((request) => request.name === name);
  if (direct !== undefined) return direct.where;
  const by = ordered.find((request) => leadsTo(request.name, name, index));
  return by === undefined ? 'needed by others' : `needed by ${by.name}, ${by.where}`;
};

/** More would be half of the archive. */
const MOST = 1500;

const leadsTo = (from: string, to: string, index: PackageIndex): boolean => {
  const seen = new Set([from]);
  for (const name of seen) {
    if (name === to) return true;
    if (seen.size > MOST) return false;
    for (const needed of needsOf(index.find(name)[0])) seen.add(needed);
  }
  return false;
};

const needsOf = (entry: PackageEntry | undefined): string[] =>
  ['depends', 'pre-depends'].flatMap((field) => parseRelations(entry?.fields.get(field)).flat());
