/** `ingot vulns fetch`. */
import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import { print, say } from '../print.ts';
import { interruptible } from '../signals.ts';

export const fetchCommand = () =>
  new Command('fetch')
    .description(
      'Fetch feeds of vulnerabilities into a folder, for `ingot vulns IMAGE --feeds` on a host without a network.',
    )
    .argument('[feeds...]', 'KIND=ADDRESS or KIND@SCOPE=ADDRESS; an address is https, or a file')
    .requiredOption('-o, --output <folder>', 'where they go, with a list of them: index.json')
    .option(
      '--os <release>',
      "the vendor's own feeds of a release (debian:12, ubuntu:24.04, alpine:3.21), and what tells of attacks",
    )
    .addHelpText(
      'after',
      `
Kinds: debian-tracker, debsecan@SUITE, osv, ubuntu-oval, csaf-vex, updateinfo@ID:VERSION/REPOSITORY, secdb, openvex, kev, epss.

Examples:
  ingot vulns fetch -o feeds --os debian:12
  ingot vulns fetch -o feeds updateinfo@rocky:9/BaseOS=https://mirror.example.org/9/BaseOS/x86_64/os/repodata/updateinfo.xml.gz
  ingot vulns fetch -o feeds openvex=our.openvex.json`,
    )
    .action(async (words, { output, os }) => {
      const { fetchFeeds, parseFeedSource } = await import('../../vulns/feeds/fetch.ts');
      const { sourcesOf } = await import('../../vulns/feeds/feed-sources.ts');
      const { silentReporter } = await import('../../report.ts');
      const { feedName } = await import('../../vulns/feeds/feed-index.ts');
      const sources = [...(os === undefined ? [] : sourcesOf(os)), ...words.map(parseFeedSource)];
      if (sources.length === 0)
        throw new IngotError('usage.feed', 'no feed is named', {
          hint: 'Name a release (--os debian:12) or feeds: KIND=ADDRESS.',
        });
      using interruption = interruptible();
      const reporter = { ...silentReporter, note: say, phase: (name: string) => say(`fetching ${name}`) };
      const index = await fetchFeeds(resolve(output), sources, {
        reporter,
        signal: interruption.signal,
        now: new Date(),
      });
      for (const feed of index.feeds)
        print(`${feedName(feed)}  ${feed.fetched.slice(0, 10)}  ${feed.size} bytes  ${feed.file}\n`);
    });
