/**
 * The settings with which apt works in a folder of its own. They are given with -c, which apt reads last: what the
 * host says about proxies, certificates and time-outs stays in force, what would touch or depend on the host's own
 * packages is replaced (apt.conf(5), sources.list(5)).
 */
import { join } from 'node:path';
import { sourceStanza } from '../../../formats/packages/apt-sources.ts';
import type { Mirrors } from './find-mirrors.ts';
import type { Release } from './releases.ts';

/** The files and folders below one work folder. */
export const aptPaths = (folder: string) => ({
  config: join(folder, 'apt.conf'),
  sources: join(folder, 'debian.sources'),
  keyring: join(folder, 'keyring.gpg'),
  status: join(folder, 'status'),
  state: join(folder, 'state'),
  cache: join(folder, 'cache'),
  /** As the archive published them, compressed. */
  lists: join(folder, 'state', 'lists'),
  /** The same after they were checked, unpacked: apt needs seconds with these, half a minute with the others. */
  checkedLists: join(folder, 'checked'),
});

export type AptPaths = ReturnType<typeof aptPaths>;

export const renderAptConf = (paths: AptPaths): string =>
  `${[
    ['Dir::Etc::sourcelist', paths.sources],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::Etc::preferences', '/dev/null'],
    ['Dir::Etc::preferencesparts', '/dev/null'],
    ['Dir::State', `${paths.state}/`],
    ['Dir::State::lists', `${paths.lists}/`],
    ['Dir::State::status', paths.status],
    ['Dir::State::extended_states', join(paths.state, 'extended_states')],
    ['Dir::Cache', `${paths.cache}/`],
    ['Dir::Cache::archives', `${join(paths.cache, 'archives')}/`],
    ['Dir::Cache::pkgcache', join(paths.cache, 'pkgcache.bin')],
    ['Dir::Cache::srcpkgcache', join(paths.cache, 'srcpkgcache.bin')],
    ['Dir::Log', `${paths.state}/`],
    ['APT::Architecture', 'amd64'],
    ['#clear APT::Architectures', undefined],
    ['APT::Architectures', ['amd64']],
    ['#clear APT::Default-Release', undefined],
    ['APT::Install-Recommends', 'false'],
    ['APT::Install-Suggests', 'false'],
    // The private folders belong to the caller, and user _apt may not reach them; all that comes is checked again.
    ['APT::Sandbox::User', 'root'],
    ['APT::Update::Error-Mode', 'any'],
    ['#clear APT::Update::Pre-Invoke', undefined],
    ['#clear APT::Update::Post-Invoke', undefined],
    ['#clear APT::Update::Post-Invoke-Success', undefined],
    // Only package indexes, and these byte for byte as published: a patched or packed index has another digest.
    ['#clear Acquire::IndexTargets', undefined],
    ['Acquire::IndexTargets::deb::Packages::MetaKey', '$(COMPONENT)/binary-$(ARCHITECTURE)/Packages'],
    ['Acquire::IndexTargets::deb::Packages::flatMetaKey', 'Packages'],
    ['Acquire::IndexTargets::deb::Packages::ShortDescription', 'Packages'],
    ['Acquire::IndexTargets::deb::Packages::Description', '$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages'],
    ['Acquire::IndexTargets::deb::Packages::Optional', 'false'],
    ['Acquire::IndexTargets::deb::Packages::KeepCompressedAs', 'xz'],
    ['Acquire::PDiffs', 'false'],
    ['Acquire::GzipIndexes', 'true'],
    ['Acquire::Languages', 'none'],
    ['#clear Acquire::CompressionTypes::Order', undefined],
    ['Acquire::CompressionTypes::Order', ['xz']],
    ['Acquire::AllowInsecureRepositories', 'false'],
    ['Acquire::AllowWeakRepositories', 'false'],
    ['Acquire::AllowDowngradeToInsecureRepositories', 'false'],
    ['APT::Get::AllowUnauthenticated', 'false'],
    ['Acquire::Retries', '2'],
  ]
    .map(([name, value]) => {
      if (value === undefined) return `${name};`;
      return typeof value === 'string' ? `${name} ${quoted(value)};` : `${name} { ${value?.map(quoted).join('; ')}; };`;
    })
    .join('\n')}\n`;

const quoted = (value: string): string => `"${value}"`;

/** One deb822 entry a suite, so that each keeps its own components and keyring. */
export const renderSources = (release: Release, mirrors: Mirrors, keyring: string): string =>
  release.suites
    .map(({ name, archive, components }) =>
      sourceStanza({
        uris: [mirrors.urls[archive]],
        suites: [name],
        components,
        architectures: 'amd64',
        signedBy: keyring,
      }),
    )
    .join('\n');
