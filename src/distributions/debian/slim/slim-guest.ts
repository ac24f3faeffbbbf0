/** Makes a running Debian slim: packages by apt, after a simulation that is shown; then files that no function needs. */
import { IngotError } from '../../../errors.ts';
import { reboot } from '../../../guest/steps/reboot.ts';
import type { StepContext } from '../../../guest/steps/step-context.ts';
import { shellQuote } from '../../../host/command-line.ts';
import { inMiB } from '../../../host/files.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { Apt } from './apt.ts';
import { planLines } from './apt-plan.ts';
import { excludesFile, excludesText, removalScript } from './file-strip.ts';
import { INSTALLED_QUERY, type InstalledPackages, parseInstalled } from './installed.ts';
import { isCloudRelease } from './kernels.ts';
import { LOCALE_FILES, languagesIn } from './path-patterns.ts';
import { protectedPackages } from './protected.ts';
import type { StripUnit, StripWork } from './strip.ts';
import { STRIP_UNITS } from './strips.ts';
import { askedRemovals, strippedPackages, wouldTakeNeeded } from './targets.ts';

/** Throws `guest.slim-protected`, `guest.slim-failed`, or what a session throws. */
export const slimGuest = async (recipe: Recipe, context: StepContext): Promise<void> => {
  const { session, reporter } = context;
  const units = STRIP_UNITS.filter(({ name }) => recipe.slim.strip.includes(name));
  reporter.phase('slim');
  const before = await usedBytes(context);
  const languages = languagesIn(await session.check(`cat ${LOCALE_FILES.join(' ')} 2>/dev/null || true`));
  for (const unit of units) await keepOut(unit, languages, context);
  const swapsKernel = units.some(({ work }) => work.kind === 'cloud-kernel') && (await runsGeneralKernel(context));
  await purge(recipe, units, context);
  for (const { name, work } of units) if (work.kind === 'unneeded') await removeUnneeded(name, work, recipe, context);
  for (const { name, work } of units) {
    if (work.kind !== 'files') continue;
    reporter.phase(`slim: ${name}`);
    await session.check('sh -eu -s', { stdin: `${removalScript(work, languages)}\n` });
  }
  // A restart proves that the machine starts with what is left, before it is delivered.
  if (swapsKernel) await reboot({ reboot: { timeout: REBOOT_LIMIT } }, context);
  reporter.line(`slim: ${inMiB(before)} of files before, ${inMiB(await usedBytes(context))} now`);
};

/** Milliseconds, with KVM. */
const REBOOT_LIMIT = 5 * 60_000;

const usedBytes = async ({ session }: StepContext): Promise<number> => {
  const kib = (await session.check('df -kl --total --output=used -x tmpfs -x devtmpfs -x iso9660 || true'))
    .trim()
    .split('\n')
    .at(-1);
  return Number(kib) * 1024;
};

const keepOut = async (unit: StripUnit, languages: readonly string[], { session }: StepContext): Promise<void> => {
  if (unit.work.kind !== 'files' || !unit.work.forGood) return;
  await session.check('mkdir -p /etc/dpkg/dpkg.cfg.d');
  await session.writeFile(excludesFile(unit), excludesText(unit, unit.work, languages), '0644');
};

const installedIn = async ({ session }: StepContext): Promise<InstalledPackages> =>
  parseInstalled(await session.check(INSTALLED_QUERY));

/** An image does at first; the other kernel came with what its recipe needs. */
const runsGeneralKernel = async ({ session }: StepContext): Promise<boolean> =>
  !isCloudRelease((await session.check('uname -r')).trim());

/** Names that apt has heard of, though they are not installed. */
const knownNames = async (
  names: readonly string[],
  installed: InstalledPackages,
  { session }: StepContext,
): Promise<ReadonlySet<string>> => {
  const absent = names.filter((name) => !installed.has(name));
  if (absent.length === 0) return new Set();
  const words = absent.map((name) => `-e ${shellQuote(name)}`).join(' ');
  const found = await session.check(`apt-cache pkgnames | grep -Fx ${words} || true`);
  return new Set(found.trim().split('\n'));
};

const purge = async (recipe: Recipe, units: readonly StripUnit[], context: StepContext): Promise<void> => {
  const { session, reporter } = context;
  const installed = await installedIn(context);
  const kernel = (await session.check('uname -r')).trim();
  const kept = protectedPackages(installed, recipe, kernel);
  const known = await knownNames(recipe.slim.remove, installed, context);
  const asked = askedRemovals(recipe.slim.remove, { installed, kept, known });
  for (const note of asked.notes) reporter.note(note);
  const stripped = strippedPackages(units, { installed, kept, kernel });
  for (const line of stripped.lines) reporter.line(line);
  const names = [...new Set([...asked.names, ...stripped.names])];
  if (names.length === 0) return;
  const apt = new Apt(context);
  const plan = await apt.simulate(`purge ${names.join(' ')}`);
  if (plan.removed.some((name) => kept.has(name)))
    throw await wouldTakeNeeded(names, kept, (name) => apt.simulate(`purge ${name}`));
  reporter.phase('slim: packages');
  for (const line of planLines(plan, names, installed)) reporter.line(line);
  await apt.run(`purge ${names.join(' ')}`);
};

/** What the recipe needs may have come for something else: from now on it is there for itself, as apt-mark(8) says. */
const removeUnneeded = async (
  strip: string,
  { recommended }: Extract<StripWork, { readonly kind: 'unneeded' }>,
  recipe: Recipe,
  context: StepContext,
): Promise<void> => {
  const { session, reporter } = context;
  const installed = await installedIn(context);
  const kept = protectedPackages(installed, recipe, (await session.check('uname -r')).trim());
  reporter.phase(`slim: ${strip}`);
  await session.check(`apt-mark manual ${[...kept.keys()].join(' ')}`);
  const options = recommended
    ? '-o APT::AutoRemove::RecommendsImportant=0 -o APT::AutoRemove::SuggestsImportant=0 '
    : '';
  const apt = new Apt(context);
  const plan = await apt.simulate(`${options}--purge autoremove`);
  const needed = plan.removed.filter((name) => kept.has(name));
  if (needed.length > 0)
    throw new IngotError('guest.slim-failed', `apt’s autoremove would take what is needed: ${needed.join(', ')}`, {
      where: `slim/${strip}`,
      hint: `Leave \`${strip}\` out of slim.strip, and name in slim.remove what has to go.`,
    });
  if (plan.removed.length === 0) return;
  for (const line of planLines(plan, [], installed)) reporter.line(line);
  await apt.run(`${options}--purge autoremove`);
};
