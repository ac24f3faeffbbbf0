/** `ingot sbom`. */
import { Option } from '@commander-js/extra-typings';
import { SBOM_FORMS } from '../../recipe/schema.ts';
import { printFile } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

export const sbomCommand = () =>
  verb('sbom')
    .argument('<image>', 'a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI')
    .addOption(
      new Option('--format <format>', 'CycloneDX 1.6 or SPDX 2.3, both JSON')
        .choices(SBOM_FORMS)
        .default('cyclonedx' as const),
    )
    .option('-o, --output <file>', 'write it into this file, in place of standard output')
    .addHelpText(
      'after',
      "\nExamples:\n  ingot sbom out/my-image/my-image.qcow2 -o my-image.cdx.json\n  ingot sbom cloud.qcow2 --format spdx | jq .packages\n\nThe time in it is that of the build, or of the image's file; SOURCE_DATE_EPOCH sets another one.",
    )
    .action(async (image, options) => {
      const { openSubject } = await import('../../distributions/open-subject.ts');
      const { inventoryOf } = await import('../../distributions/inventory.ts');
      const { factsBeside } = await import('../../sbom/beside.ts');
      const { billText } = await import('../../sbom/forms.ts');
      const { sourceDate } = await import('../../sbom/source-date.ts');
      const { ingotVersion } = await import('../../host/project.ts');
      const { writeFileWhole } = await import('../../host/files.ts');
      using interruption = interruptible();
      const { signal } = interruption;
      await using subject = await openSubject(image, signal);
      const inventory = await inventoryOf(subject, signal);
      const facts = await factsBeside(image, signal);
      const created = sourceDate(process.env) ?? facts.created;
      const text = billText(options.format, { ...facts, created, ingot: ingotVersion(), inventory });
      if (options.output === undefined) printFile(text);
      else await writeFileWhole(options.output, text);
    });
