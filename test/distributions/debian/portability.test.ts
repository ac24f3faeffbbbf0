import t from 'tap';
import { openGuestFiles } from '../../../src/capture/guest-files.ts';
import { inspectDisk } from '../../../src/distributions/debian/system/facts.ts';
import { checkPortability } from '../../../src/distributions/debian/system/portability.ts';
import { diskWith, overwrite } from '../../capture/small-disk.ts';

t.test('a portable image passes, and each rule finds what breaks it', async (t) => {
  const expected = { consoles: ['tty0', 'ttyS0'], kernelArguments: [], cloudInit: false };
  const image = await diskWith(t);
  await overwrite(image, 0, 'boot code');
  const facts = await inspectDisk(await openGuestFiles(image));
  t.same(checkPortability(facts, expected), []);

  const broken = await inspectDisk(
    await openGuestFiles(
      await diskWith(
        t,
        {
          '/etc/initramfs-tools/conf.d/driver-policy': 'MODULES=dep\n',
          '/etc/initramfs-tools/conf.d/resume': 'RESUME=/dev/sda4\n',
          '/boot/grub/grub.cfg': 'linux /boot/vmlinuz root=/dev/vda3 ro mitigations=off console=ttyS0 console=tty0\n',
          '/var/cache/debconf/config.dat': 'Name: grub-pc/install_devices\nValue: /dev/vda\n\n',
          '/etc/systemd/network/10-x.link': '[Match]\nMACAddress=52:54:00:12:34:56\n',
          '/etc/apt/sources.list': 'deb [trusted=yes] cdrom:[Debian 12]/ bookworm main\n',
          '/etc/apt/sources.list.d/debian.sources': 'Types: deb\nURIs: https://m.example/\nSuites: bookworm\n',
          '/var/lib/dpkg/status': 'Package: half\nStatus: install ok half-configured\nArchitecture: all\nVersion: 1\n',
          '/etc/default/locale': 'LANG=de_DE.UTF-8\n',
          '/etc/adjtime': '0.0 0 0.0\n0\nLOCAL\n',
        },
        {
          espFiles: {},
          without: ['/etc/repart.d/50-root.conf', '/etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service'],
        },
      ),
    ),
  );
  const findings = checkPortability(broken, { ...expected, cloudInit: true });
  const wanted: readonly [string, RegExp][] = [
    ['initramfs for any hardware', /MODULES=dep/],
    ['no resume device', /RESUME=\/dev\/sda4/],
    ['UUIDs only in the boot loader', /no root=UUID/],
    ['UUIDs only in the boot loader', /install_devices/],
    ['kernel command line as the recipe says', /mitigations=off/],
    ['kernel command line as the recipe says', /last console is console=tty0/],
    ['boots with BIOS and with UEFI', /BOOTX64/],
    ['boots with BIOS and with UEFI', /boot code/],
    ['no address of a network card', /MACAddress/],
    ['root is last and grows', /nothing grows/],
    ['signed package sources, security included', /cdrom:/],
    ['signed package sources, security included', /no security updates/],
    ['signed package sources, security included', /no Signed-By/],
    ['packages are whole', /half-configured/],
    ['the locale exists', /de_DE/],
    ['the hardware clock is in UTC', /LOCAL/],
    ['a time service', /none/],
    ['cloud-init as the recipe says', /not installed/],
  ];
  for (const [rule, message] of wanted) {
    t.ok(
      findings.some((one) => one.rule === rule && message.test(one.message)),
      `${rule}: ${message}`,
    );
  }
});

t.test('an initramfs made by dracut is judged as well', async (t) => {
  const expected = { consoles: ['tty0', 'ttyS0'], kernelArguments: [], cloudInit: false };
  const without = ['/etc/initramfs-tools/initramfs.conf', '/etc/initramfs-tools/conf.d/resume'];
  for (const [hostonly, message] of [
    ['no', undefined],
    ['yes', 'MODULES=hostonly'],
  ] as const) {
    const files = { '/usr/bin/dracut': 'elf', '/etc/dracut.conf.d/ingot.conf': `hostonly="${hostonly}"\n` };
    const facts = await inspectDisk(await openGuestFiles(await diskWith(t, files, { without })));
    const found = checkPortability(facts, expected).find(({ rule }) => rule === 'initramfs for any hardware');
    t.equal(found?.message, message, `hostonly="${hostonly}"`);
  }
});
