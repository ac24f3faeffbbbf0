/** Where vendors publish their feeds, for `ingot vulns fetch --os`. Addresses change: each can be given on the command line instead. */
import { IngotError } from '../../errors.ts';
import { CODENAMES } from '../bill.ts';
import type { FeedKind } from './feed-index.ts';

export interface FeedSource {
  readonly kind: FeedKind;
  readonly scope?: string | undefined;
  /** https, or a file of this host. */
  readonly from: string;
}

const UBUNTU: Readonly<Record<string, string>> = { '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble' };

/** What tells of attacks, whatever the system. */
const OF_ATTACKS: readonly FeedSource[] = [
  {
    kind: 'kev',
    from: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
  },
  { kind: 'epss', from: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz' },
];

/** The vendor's own, and what tells of attacks. Throws `usage.os`. */
export const sourcesOf = (os: string): FeedSource[] => [...vendorSources(os), ...OF_ATTACKS];

const vendorSources = (os: string): FeedSource[] => {
  const [, id = '', version = ''] = /^([a-z]+):([\w.]+)$/.exec(os) ?? [];
  const osv = (ecosystem: string): FeedSource => ({
    kind: 'osv',
    scope: ecosystem,
    from: `https://osv-vulnerabilities.storage.googleapis.com/${encodeURIComponent(ecosystem)}/all.zip`,
  });
  const codename = Object.hasOwn(CODENAMES, version) ? CODENAMES[version] : undefined;
  if (id === 'debian' && codename !== undefined)
    return [{ kind: 'debian-tracker', from: 'https://security-tracker.debian.org/tracker/data/json' }];
  const ubuntu = Object.hasOwn(UBUNTU, version) ? UBUNTU[version] : undefined;
  if (id === 'ubuntu' && ubuntu !== undefined)
    return [
      {
        kind: 'ubuntu-oval',
        from: `https://security-metadata.canonical.com/oval/com.ubuntu.${ubuntu}.cve.oval.xml.bz2`,
      },
    ];
  const release = /^(\d+\.\d+)/.exec(version)?.[1];
  if (id === 'alpine' && release !== undefined)
    return ['main', 'community'].map((part) => ({
      kind: 'secdb',
      scope: part,
      from: `https://secdb.alpinelinux.org/v${release}/${part}.json`,
    }));
  if (id === 'almalinux') return [osv('AlmaLinux')];
  if (id === 'rocky') return [osv('Rocky Linux')];
  throw new IngotError('usage.os', `where the feeds of ${os} are is not known`, {
    hint: 'Known: debian:12, ubuntu:24.04, alpine:3.21, almalinux:9, rocky:9. For others name the feeds: KIND@SCOPE=ADDRESS.',
  });
};
