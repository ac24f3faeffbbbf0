/** `ingot show`: the story of a run, on the terminal or as one HTML page. */
import { resolve } from 'node:path';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { verb } from '../verb.ts';

export const showCommand = () =>
  withStore(verb('show'))
    .argument('[run]', 'a run folder, the start of its name, or the name of a recipe (default: the latest run)')
    .option('--html', 'write one HTML page: timeline, screens, log with search', false)
    .option('-o, --output <file>', 'write it to this file instead of printing it')
    .option('--list', 'list the runs of the store', false)
    .addHelpText('after', '\nExamples:\n  ingot show\n  ingot show my-image --html -o run.html\n  ingot show --list')
    .action(async (wanted, options) => {
      const { defaultStoreFolder } = await import('../../pipeline/store.ts');
      const { findRun, listRuns } = await import('../../pipeline/runs.ts');
      const {
        evidenceIn: evidenceOf,
        insideOf,
        logsOf,
        picturesOf,
        readRunStory,
        testsOf,
      } = await import('./folder.ts');
      const store = resolve(options.store ?? defaultStoreFolder());
      if (options.list) {
        const { runLine } = await import('./list-runs.ts');
        for (const run of await listRuns(store)) print(await runLine(run));
        return;
      }
      const run = await findRun(store, wanted);
      const story = await readRunStory(run);
      const files = await evidenceOf(run);
      const { storyText } = await import('../../ui/story/story-text.ts');
      const { storyPage } = await import('../../ui/story/story-page.ts');
      const text = options.html
        ? storyPage(story, {
            files,
            pictures: await picturesOf(run),
            logs: await logsOf(run),
            ...(await testsOf(run)),
            inside: await insideOf(run),
          })
        : storyText(story, files);
      const { cleaner, secretsOfRun } = await import('./clean.ts');
      const shown = cleaner(await secretsOfRun(run.folder))(text).text;
      if (options.output === undefined) return print(shown);
      const { requireFile } = await import('../../capture/output.ts');
      const { writeFileWhole } = await import('../../host/files.ts');
      await requireFile(options.output);
      await writeFileWhole(resolve(options.output), shown);
    });
