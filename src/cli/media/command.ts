/** `ingot media`: makes the install medium for bare metal, and looks at media that are there. */
import { verb } from '../verb.ts';
import { answersCommand } from './answers.ts';
import { bootTestCommand } from './boot-test.ts';
import { compareCommand } from './compare.ts';
import { inspectCommand } from './inspect.ts';
import { makeCommand } from './make.ts';
import { netbootCommand } from './netboot.ts';
import { verifyCommand } from './verify.ts';
import { writeCommand } from './write.ts';

/** What is not a verb is a recipe, so that `ingot media RECIPE -o FILE` is enough. */
export const mediaCommand = () =>
  verb('media')
    .usage('<recipe> -o <file> | inspect|compare|verify|boot-test|netboot|answers|write …')
    .addHelpText(
      'after',
      `
\`ingot media make --help\` has the options for a recipe; \`make\` itself may be left out.

Example:
  ingot media my-image.yaml -o my-image.iso
  ingot media inspect debian-12.8.0-amd64-netinst.iso
  ingot media compare before.iso after.iso
  ingot media verify my-image.iso --original debian-12.8.0-amd64-netinst.iso
  ingot media boot-test my-image.iso
  ingot media netboot my-image.yaml -o netboot
  ingot media answers my-image.yaml -o answers.iso
  ingot media write my-image.iso /dev/sdb`,
    )
    .addCommand(makeCommand(), { isDefault: true })
    .addCommand(inspectCommand())
    .addCommand(compareCommand())
    .addCommand(verifyCommand())
    .addCommand(bootTestCommand())
    .addCommand(netbootCommand())
    .addCommand(answersCommand())
    .addCommand(writeCommand());
