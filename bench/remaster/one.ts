/** One remaster, as a process of its own: `node one.ts ISO OUTPUT`. What a recipe would say is the same for every size. */
import { remaster } from '../../src/media/remaster.ts';
import { silentReporter } from '../../src/report.ts';

const [iso = '', output = ''] = process.argv.slice(2);
await remaster({
  iso,
  output,
  initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'd-i a/b string c\n' }],
  mediumFiles: [{ path: '/preseed.cfg', content: 'd-i a/b string c\n' }],
  kernelArguments: { installer: ['auto=true'], target: [] },
  menu: { start: 'ask', title: 'Install' },
  date: 1_700_000_000,
  reporter: silentReporter,
});
