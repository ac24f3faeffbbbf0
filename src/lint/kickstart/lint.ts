/** What is wrong with a kickstart file, for one release of Anaconda. Reads nothing itself and never throws. */
import { type Finding, sorted } from '../finding.ts';
import type { ReadInclude, SourceFile } from '../source-file.ts';
import { checkAccounts } from './checks/accounts.ts';
import { checkCommands } from './checks/commands.ts';
import { checkEssentials } from './checks/essentials.ts';
import { checkGeneratedIncludes } from './checks/includes.ts';
import { checkLocale } from './checks/locale.ts';
import { checkNetwork } from './checks/network.ts';
import { checkPackageNames } from './checks/packages.ts';
import { checkReferences } from './checks/references.ts';
import { checkSections } from './checks/sections.ts';
import { checkStorage } from './checks/storage.ts';
import { checkTogether } from './checks/together.ts';
import { collector } from './findings.ts';
import { parseKickstart } from './parse.ts';
import type { KickstartRelease } from './release.ts';
import type { PackageTree } from './tree/tree.ts';

export interface KickstartContext {
  readonly release: KickstartRelease;
  /** An included file by the path that `%include` or `%ksappend` names. */
  readonly readInclude?: ReadInclude | undefined;
  /** What the names in %packages are compared with. */
  readonly tree?: PackageTree | undefined;
}

/** Findings in the file and in what it includes, by file and line. */
export const lintKickstart = (
  file: SourceFile,
  { release, readInclude, tree }: KickstartContext,
): readonly Finding[] => {
  const { findings, tell } = collector();
  const document = parseKickstart(file, { tell, readInclude });
  const commands = checkCommands(document.commands, release, tell);
  const context = { release, document, commands, tell };
  checkSections(document, release, tell);
  for (const check of [
    checkStorage,
    checkReferences,
    checkTogether,
    checkAccounts,
    checkNetwork,
    checkLocale,
    checkEssentials,
    checkGeneratedIncludes,
  ])
    check(context);
  if (tree) checkPackageNames(context, tree);
  return sorted(findings);
};
