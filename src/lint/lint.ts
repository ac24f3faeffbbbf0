/** Lints one answer file, of whichever installer, for one release or for the installer of one ISO. */
import { IngotError } from '../errors.ts';
import { FILE_RULES } from './file-rules.ts';
import { type Finding, sorted } from './finding.ts';
import { foreignBeginning, foreignMarks } from './foreign.ts';
import { isIgnored, unknownInComments, withoutIgnored } from './ignore.ts';
import type { PackageTree } from './kickstart/tree/tree.ts';
import { detectKind, type Kind } from './kind.ts';
import type { TemplateSet } from './preseed/templates.ts';
import { type LintRelease, releaseOf } from './release.ts';
import type { ReadInclude, SourceFile } from './source-file.ts';

export interface LintOptions {
  readonly kind?: Kind | undefined;
  /** `12`, `debian-12`, `rhel9`, `fedora-41`, several with commas between them; absent: what the file says. */
  readonly release?: string | undefined;
  /** An install ISO whose own templates are asked instead of the shipped ones. */
  readonly iso?: string | undefined;
  /** Installation trees that the names in %packages are compared with: folders, ISOs, addresses. */
  readonly trees?: readonly string[] | undefined;
  /** The file is delivered inside the initrd, so that it is there before the first question. */
  readonly inInitrd?: boolean | undefined;
  /** Size of the disk, bytes. */
  readonly diskSize?: number | undefined;
  /** Nobody answers a question. */
  readonly unattended?: boolean | undefined;
  /** Names of rules that are switched off. */
  readonly ignore?: readonly string[] | undefined;
  /** Reads a file that is included, by its path and the name of the file that includes it. */
  readonly readInclude?: ReadInclude | undefined;
}

export interface Linted {
  readonly kind: Kind;
  /** What the file was checked for. */
  readonly release: LintRelease;
  readonly findings: readonly Finding[];
}

/** Throws `lint.unknown-kind` for a file that looks like no answer file, `usage.release` for an unknown release. */
export const lintFile = async (file: SourceFile, options: LintOptions = {}): Promise<readonly Finding[]> =>
  (await examineFile(file, options)).findings;

/** The same, with what was found out about the file. */
export const examineFile = async (file: SourceFile, options: LintOptions = {}): Promise<Linted> => {
  const kind = options.kind ?? kindOf(file);
  const release = releaseOf(file, kind, options.release);
  const found = kind === 'preseed' ? await preseed(file, release, options) : await kickstart(file, release, options);
  const { ignore = [] } = options;
  const left = [...withoutIgnored(file, found), ...(await unknownInComments(file))];
  const findings = sorted(left.filter(({ rule }) => !isIgnored(rule, ignore)));
  return { kind, release, findings };
};

/** The error about a file that is not ours, with the name of its format where it is known. */
export const unknownKind = ({ name }: SourceFile, what: string | undefined): IngotError =>
  new IngotError(
    'lint.unknown-kind',
    what === undefined ? 'this looks neither like preseed nor like kickstart' : `this is ${what}`,
    {
      where: name,
      hint: 'Preseed files, kickstart files and recipes are linted; if it is one, say so: --as preseed, --as kickstart.',
    },
  );

const kindOf = (file: SourceFile): Kind => {
  const beginning = foreignBeginning(file);
  const kind = beginning === undefined ? detectKind(file) : undefined;
  if (kind !== undefined) return kind;
  throw unknownKind(file, beginning ?? foreignMarks(file));
};

/** An unknown release: the finding says which one was taken instead. */
const unknownRelease = (file: SourceFile, { unknown, title }: LintRelease): Finding[] => {
  if (!unknown) return [];
  const { text, line, column, endColumn } = unknown;
  const { name: rule, severity } = FILE_RULES.release;
  const message = `${JSON.stringify(text)} is not a release that is known here: the file is checked for ${title}`;
  return [{ rule, severity, file: file.name, line, column, endColumn, message, hint: 'Name another with --release.' }];
};

const preseed = async (file: SourceFile, { name }: LintRelease, options: LintOptions): Promise<readonly Finding[]> => {
  const { lintPreseed } = await import('./preseed/lint.ts');
  const { iso, inInitrd, diskSize, unattended } = options;
  const templates = await templatesFor(iso, name);
  return lintPreseed(file, {
    templates,
    ...(inInitrd === undefined ? {} : { inInitrd }),
    ...(diskSize === undefined ? {} : { diskSize }),
    ...(unattended === undefined ? {} : { unattended }),
  });
};

const templatesFor = async (iso: string | undefined, release: string): Promise<TemplateSet> => {
  if (iso === undefined) return (await import('./preseed/shipped-templates.ts')).shippedTemplates(release);
  const known = ofIsos.get(iso) ?? (await import('./preseed/iso-templates.ts')).templatesOfIso(iso);
  ofIsos.set(iso, known);
  return known;
};

/** A medium takes seconds to read; several files may be linted for the same one. */
const ofIsos = new Map<string, Promise<TemplateSet>>();

/** Read once for all files of a call. */
const ofTrees = new Map<string, Promise<PackageTree>>();

const treesOf = async (trees: readonly string[]): Promise<PackageTree> => {
  const key = trees.join('\n');
  const known = ofTrees.get(key) ?? (await import('./kickstart/tree/tree.ts')).readTrees(trees);
  ofTrees.set(key, known);
  return known;
};

const kickstart = async (file: SourceFile, chosen: LintRelease, options: LintOptions): Promise<readonly Finding[]> => {
  const { lintKickstart } = await import('./kickstart/lint.ts');
  const { kickstartRelease } = await import('./kickstart/release.ts');
  const release = kickstartRelease(chosen.name);
  const { readInclude, trees = [] } = options;
  const tree = trees.length === 0 ? undefined : await treesOf(trees);
  const own = lintKickstart(file, { release, readInclude, tree });
  const { askKsvalidator } = await import('./kickstart/ksvalidator.ts');
  const found = [...unknownRelease(file, chosen), ...own];
  const isSaid = ({ line }: Finding) =>
    found.some((one) => one.file === file.name && one.line === line && one.severity === 'error');
  return [...found, ...(await askKsvalidator(file, release)).filter((one) => !isSaid(one))];
};
