/** From what the command line names to a report: the subject, the vendor's indexes, the feeds, the rules. */
import { resolve } from 'node:path';
import { NOT_ASKED, pendingUpdates, type UpdatesFrom, withOrigins } from '../../distributions/pending-updates.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { parseFailOn } from '../../vulns/fail-on.ts';
import { readVexFile } from '../../vulns/feeds/openvex.ts';
import { NO_FEEDS, readFeeds } from '../../vulns/feeds/read.ts';
import { judgeVulnerabilities } from '../../vulns/judge.ts';
import { matchStatements } from '../../vulns/match.ts';
import { limitsOf } from '../../vulns/policy.ts';
import type { Report } from '../../vulns/report.ts';
import { notesAlone, updateFolders, updatesFrom } from './sources.ts';
import { readSubject } from './subject.ts';

export interface CheckOptions extends UpdatesFrom {
  readonly feeds?: string | undefined;
  /** Days. */
  readonly maxAge?: number | undefined;
  readonly updates: boolean;
  readonly os?: string | undefined;
  readonly failOn?: string | undefined;
  readonly policy?: string | undefined;
  readonly vex: readonly string[];
  readonly store?: string | undefined;
}

/** What the command line says counts before what the policy does. */
export const checkVulnerabilities = async (
  path: string,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<Report> => {
  // What is wrong with these is said before anything long begins.
  const { vulnerabilities = {}, waivers = [] } =
    options.policy === undefined ? {} : (await readPolicy(options.policy)).policy;
  const said = limitsOf(vulnerabilities);
  const failOn = options.failOn === undefined ? said.failOn : { ...said.failOn, ...parseFailOn(options.failOn) };
  const maxAge = options.maxAge ?? said.maxAge;
  const ownVex = (await Promise.all(options.vex.map((file) => readVexFile(file)))).flat();
  const subject = await readSubject(path, options.os, signal);
  const { updates, updatesUnknown } = options.updates
    ? await pendingUpdates(subject, updatesFrom(options), {
        folders: await updateFolders(options.store),
        reporter: notesAlone,
        signal,
      })
    : NOT_ASKED;
  const inventory = withOrigins(subject.inventory, updates);
  const now = new Date();
  const feeds =
    options.feeds === undefined
      ? NO_FEEDS
      : await readFeeds(resolve(options.feeds), inventory, {
          ...{ now, maxAge, signal },
          alsoAbout: updates?.changelogs.flatMap(({ cves }) => cves),
        });
  return judgeVulnerabilities(
    {
      inventory,
      feeds: feeds.facts,
      threats: feeds.threats,
      matched: matchStatements(inventory, feeds.statements),
      updates,
      updatesUnknown,
      notScanned: subject.notScanned,
    },
    { failOn, waivers, vex: [...ownVex, ...feeds.vex], now, maxAge },
  );
};
