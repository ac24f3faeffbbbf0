/**
 * What is on the disk and in no list of its files: the root folder itself, files below a mount, partitions that nothing mounts, and
 * two partitions of one name, of which a system may take the other one.
 */
import type { GuestFiles, Mount } from '../capture/guest-files.ts';
import { PARTITION_TYPES, type Partition } from '../capture/partitions.ts';
import type { Judged } from '../judgement.ts';

export const besideTheTree = async ({ files }: { readonly files: GuestFiles }): Promise<readonly Judged[]> => {
  const { mounts, table } = files;
  return [
    ...(await rootFolders(mounts)),
    ...(await hiddenFiles(mounts)),
    ...unmounted(table.partitions, mounts),
    ...twins(table.partitions),
  ];
};

/** Of packages, base-files alone has it, and dpkg takes it as it finds it. */
const rootFolders = async (mounts: readonly Mount[]): Promise<Judged[]> => {
  const tree = mounts.find(({ path }) => path === '/')?.tree;
  const root = await tree?.root();
  if (tree === undefined || root === undefined) return [];
  const [mode, owner] = [(root.mode & 0o7777).toString(8), `${root.uid}:${root.gid}`];
  const names = [...(await tree.attributes(root)).keys()];
  if (mode === '755' && owner === '0:0' && names.length === 0) return [];
  const said = names.length === 0 ? '' : `, with ${names.join(' ')}`;
  return [
    {
      rule: 'trust/changed',
      verdict: 'fails',
      message: `/ is ${mode} of ${owner}${said}, not 755 of 0:0`,
      where: '/',
      hint: 'Whoever may write there puts another folder in the place of /usr. Find out what changed it.',
    },
  ];
};

const hiddenFiles = async (mounts: readonly Mount[]): Promise<Judged[]> => {
  const found: Judged[] = [];
  for (const { path } of mounts.filter((mount) => mount.path !== '/')) {
    const above = mounts.find(
      (other) => other.path === '/' || (path !== other.path && path.startsWith(`${other.path}/`)),
    );
    const inner = above === undefined || above.path === '/' ? path : path.slice(above.path.length);
    const names = ((await above?.files.list(inner)) ?? []).filter(({ name }) => name !== 'lost+found');
    if (names.length > 0)
      found.push({
        rule: 'trust/hidden',
        verdict: 'unjudged',
        message: `${names.length} files lie below ${path}, under the file system that is mounted there: they were not looked at`,
        where: path,
        hint: 'They come to light where that is not mounted. Take them out, or find out what put them there.',
      });
  }
  return found;
};

const OF_NO_FILES: readonly string[] = ['swap', 'linux_raid_member'];

const unmounted = (partitions: readonly Partition[], mounts: readonly Mount[]): Judged[] =>
  partitions
    .filter(
      ({ number, type, content }) =>
        !mounts.some(({ partition }) => partition.number === number) &&
        type !== PARTITION_TYPES.biosBoot &&
        ((content !== undefined && !OF_NO_FILES.includes(content)) || type === PARTITION_TYPES.esp),
    )
    .map(({ number, type, content }) => ({
      rule: 'trust/not-mounted',
      verdict: 'unjudged',
      message: `nothing mounts partition ${number} (${content ?? 'unknown'}): ${
        type === PARTITION_TYPES.esp ? 'what the firmware starts from it' : 'what is on it'
      } was not looked at`,
      where: `partition ${number}`,
      hint: 'A line in /etc/fstab makes its files part of the system; or remove the partition.',
    }));

const twins = (partitions: readonly Partition[]): Judged[] => {
  const names = partitions.flatMap(({ number, uuid, partitionUuid }) => [
    ...(uuid === undefined ? [] : [{ number, name: `UUID=${uuid}` }]),
    ...(partitionUuid === undefined ? [] : [{ number, name: `PARTUUID=${partitionUuid}` }]),
  ]);
  return [...Map.groupBy(names, ({ name }) => name.toLowerCase()).values()].flatMap((same): Judged[] => {
    const [first, other] = same;
    if (first === undefined || other === undefined) return [];
    return [
      {
        rule: 'trust/twin',
        verdict: 'fails',
        message: `partitions ${first.number} and ${other.number} have one name, ${first.name}: the system may take either`,
        where: `partition ${other.number}`,
        hint: 'Only one of them was looked at. Remove the other one.',
      },
    ];
  });
};
