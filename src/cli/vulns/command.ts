/** `ingot vulns`: what is known of an image's vulnerabilities, and how feeds come into an air gap. */
import { verb } from '../verb.ts';
import { checkCommand } from './check.ts';
import { fetchCommand } from './fetch.ts';

/** What is not a verb is an image, so that `ingot vulns IMAGE` is enough. */
export const vulnsCommand = () =>
  verb('vulns')
    .usage('<image> [--feeds <folder>] | fetch …')
    .addHelpText(
      'after',
      `
\`ingot vulns check --help\` has the options for an image; \`check\` itself may be left out.

Examples:
  ingot vulns out/my-image/my-image.qcow2
  ingot vulns fetch -o feeds debian-tracker=https://security-tracker.example.org/tracker/data/json
  ingot vulns out/my-image/my-image.qcow2 --feeds feeds --fail-on high,fixable`,
    )
    .addCommand(checkCommand(), { isDefault: true })
    .addCommand(fetchCommand());
