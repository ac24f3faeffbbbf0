/**
 * Every stock image that this host can make, started until it asks who logs in. What it cannot make is skipped with the reason.
 * `INGOT_STOCK=mmdebstrap-cloud,fai` makes single ones.
 */
import { join } from 'node:path';
import t from 'tap';
import { testStore } from '../e2e/support.ts';
import { STOCK_NAMES, type StockName } from '../stock-images/makers.ts';
import { skipReason } from '../stock-images/not-made.ts';
import { startUntilLogin } from '../stock-images/start.ts';
import { stockImage } from '../stock-images/stock-image.ts';

t.setTimeout(240 * 60_000);

const wanted = (process.env['INGOT_STOCK'] ?? '').split(',').filter((name) => name !== '');
const folder = join(testStore, 'stock');
const LIMIT = 15 * 60_000;

const BOTH = ['bios', 'uefi'] as const;
const WAYS: Readonly<Record<StockName, readonly ('bios' | 'uefi')[]>> = {
  'mmdebstrap-nocloud': BOTH,
  'mmdebstrap-cloud': BOTH,
  'mmdebstrap-trixie-cloud': BOTH,
  'mmdebstrap-btrfs': BOTH,
  vmdb2: ['bios'],
  'vmdb2-cloud': ['bios'],
  'grml-debootstrap': ['bios'],
  'grml-debootstrap-cloud': ['bios'],
  mkosi: ['uefi'],
  'mkosi-btrfs': ['uefi'],
  fai: ['bios'],
  'fai-cloud': ['bios'],
  'fai-uefi': ['uefi'],
  'odd-full': ['bios'],
  'odd-endless-cloud-init': ['bios'],
  'odd-no-boot-loader': [],
  'odd-no-virtio': [],
  'odd-arm64': [],
  'odd-lvm-root': [],
  'odd-luks-root': [],
};

for (const name of STOCK_NAMES) {
  const skip = wanted.length > 0 && !wanted.includes(name) && 'not asked for';
  t.test(name, { skip }, async (t) => {
    const image = await stockImage(name, { folder, tell: (line) => t.comment(line) }).catch((error: unknown) => {
      const reason = skipReason(error);
      if (reason === undefined) throw error;
      t.pass('it can be made here', { skip: reason });
      return undefined;
    });
    if (image === undefined) return;
    t.pass('it is made');
    for (const firmware of WAYS[name]) {
      const { how, seconds, text } = await startUntilLogin(image, {
        ...{ folder: join(t.testdir({}), firmware), firmware, limit: LIMIT },
      });
      t.equal(how, 'login', `${firmware}: ${seconds} s; ${text.slice(-500)}`);
    }
    if (name === 'odd-no-virtio') {
      const options = { folder: join(t.testdir({}), 'ahci'), firmware: 'bios', limit: LIMIT } as const;
      t.equal((await startUntilLogin(image, { ...options, bus: 'ahci' })).how, 'login', 'from another bus');
    }
  });
}
