/** Lints one answer file, of whichever installer, for one release or for the installer of one ISO. */
import { IngotError } from '../errors.ts';
import { type Finding, sorted } from './finding.ts';
import { detectKind, type Kind } from './kind.ts';
import type { TemplateSet } from './preseed/templates.ts';
import { isIgnored, type SourceFile, withoutIgnored } from './source-file.ts';

export interface LintOptions {
  readonly kind?: Kind | undefined;
  /** `12`, `debian-12`, `rhel9`, `fedora-41`; the newest that is known when absent. */
  readonly release?: string | undefined;
  /** An install ISO whose own templates are asked instead of the shipped ones. */
  readonly iso?: string | undefined;
  /** The file is delivered inside the initrd, so that it is there before the first question. */
  readonly inInitrd?: boolean | undefined;
  /** Size of the disk, bytes. */
  readonly diskSize?: number | undefined;
  /** Nobody answers a question. */
  readonly unattended?: boolean | undefined;
  /** Names of rules that are switched off. */
  readonly ignore?: readonly string[] | undefined;
  /** Reads a file that is included; undefined when it cannot be had. */
  readonly readInclude?: ((path: string) => SourceFile | undefined) | undefined;
}

/** Throws `lint.unknown-kind` for a file that looks like no answer file, `usage.release` for an unknown release. */
export const lintFile = async (file: SourceFile, options: LintOptions = {}): Promise<readonly Finding[]> => {
  const kind = options.kind ?? detectKind(file);
  if (kind === undefined)
    throw new IngotError('lint.unknown-kind', 'this looks neither like preseed nor like kickstart', {
      where: file.name,
      hint: 'Say which with --as preseed or --as kickstart.',
    });
  const found = kind === 'preseed' ? await preseed(file, options) : await kickstart(file, options);
  const { ignore = [] } = options;
  return sorted(withoutIgnored(file, found).filter(({ rule }) => !isIgnored(rule, ignore)));
};

const preseed = async (file: SourceFile, options: LintOptions): Promise<readonly Finding[]> => {
  const { lintPreseed } = await import('./preseed/lint.ts');
  const { iso, release = '12', inInitrd, diskSize, unattended } = options;
  const templates = await templatesFor(iso, release);
  return lintPreseed(file, {
    templates,
    ...(inInitrd === undefined ? {} : { inInitrd }),
    ...(diskSize === undefined ? {} : { diskSize }),
    ...(unattended === undefined ? {} : { unattended }),
  });
};

const templatesFor = async (iso: string | undefined, release: string): Promise<TemplateSet> =>
  iso === undefined
    ? (await import('./preseed/shipped-templates.ts')).shippedTemplates(release)
    : (await import('./preseed/iso-templates.ts')).templatesOfIso(iso);

const kickstart = async (file: SourceFile, options: LintOptions): Promise<readonly Finding[]> => {
  const { lintKickstart } = await import('./kickstart/lint.ts');
  const { kickstartRelease } = await import('./kickstart/release.ts');
  const release = kickstartRelease(options.release ?? versionComment(file) ?? 'rhel-9');
  const { readInclude } = options;
  const found = lintKickstart(file, { release, ...(readInclude ? { readInclude } : {}) });
  const { askKsvalidator } = await import('./kickstart/ksvalidator.ts');
  const isSaid = ({ line }: Finding) => found.some((one) => one.line === line && one.severity === 'error');
  return [...found, ...(await askKsvalidator(file, release)).filter((one) => !isSaid(one))];
};

/** Anaconda writes `#version=RHEL9` at the head of the anaconda-ks.cfg that it leaves. */
const versionComment = ({ lines }: SourceFile): string | undefined =>
  lines.slice(0, 10).flatMap((line) => /^#\s*version=(\S+)/i.exec(line)?.[1] ?? [])[0];
