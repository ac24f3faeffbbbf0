/** Partitions, arrays, volume groups and volumes. */
import type { Rule } from '../../rule.ts';

export const STORAGE_RULES: readonly Rule[] = [
  {
    name: 'kickstart/size',
    severity: 'error',
    summary: 'A size or percentage that is not possible, or a partition without one.',
    source: 'pykickstart/commands/partition.py, logvol.py, volgroup.py',
    bad: 'part / --size=-1\n',
    good: 'part / --size=4096\n',
  },
  {
    name: 'kickstart/mount-point',
    severity: 'error',
    summary:
      'No mount point and none of the words in its place, or a directory that has to be on the root file system.',
    source: 'Anaconda: kickstart documentation, part; data/anaconda.conf, must_be_on_root',
    bad: 'part home --size=4096\n',
    good: 'part /home --size=4096\n',
  },
  {
    name: 'kickstart/file-system',
    severity: 'error',
    summary: 'A file system that the release cannot make (Btrfs on RHEL), or that cannot be at this place.',
    source: 'pykickstart/commands/partition.py: RHEL8_Partition; Anaconda: data/anaconda.conf, must_be_on_linuxfs',
    bad: 'part / --size=4096 --fstype=btrfs\n',
    good: 'part / --size=4096 --fstype=xfs\n',
  },
  {
    name: 'kickstart/drive-name',
    severity: 'error',
    summary: 'A partition where a drive is expected, no drive at all, or one that ignoredisk leaves out.',
    source: 'Anaconda: kickstart documentation, part, ignoredisk, clearpart',
    bad: 'ignoredisk --only-use=sda1\n',
    good: 'ignoredisk --only-use=sda\n',
  },
  {
    name: 'kickstart/undefined-reference',
    severity: 'error',
    summary: 'A physical volume, array member, volume group or pool that nothing defines.',
    source: 'Anaconda: pyanaconda/modules/storage/partitioning/custom',
    bad: 'part pv.01 --size=4096\nvolgroup vg pv.02\n',
    good: 'part pv.01 --size=4096\nvolgroup vg pv.01\n',
  },
  {
    name: 'kickstart/unused-member',
    severity: 'info',
    summary: 'A physical volume or array member that nothing is made of.',
    source: 'Anaconda: kickstart documentation, volgroup, raid',
    bad: 'part pv.01 --size=4096\n',
    good: 'part pv.01 --size=4096\nvolgroup vg pv.01\n',
  },
  {
    name: 'kickstart/duplicate-name',
    severity: 'error',
    summary: 'A name, member or mount point that is there twice.',
    source: 'Anaconda: pyanaconda/modules/storage/partitioning/custom',
    bad: 'part pv.01 --size=4096\npart pv.01 --size=8192\nvolgroup vg pv.01\n',
    good: 'part pv.01 --size=4096\npart pv.02 --size=8192\nvolgroup vg pv.01 pv.02\n',
  },
  {
    name: 'kickstart/raid-members',
    severity: 'error',
    summary: 'An array with fewer members than its level needs.',
    source: 'mdadm(8)',
    bad: 'part raid.01 --size=4096\nraid / --device=root --level=1 raid.01\n',
    good: 'part raid.01 --size=4096\npart raid.02 --size=4096\nraid / --device=root --level=1 raid.01 raid.02\n',
  },
];
