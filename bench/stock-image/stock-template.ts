/** Packer's template for a disk image: a layer over it, as the stock image's own users would set it up. */
import { type BuilderInput, builder, qemuArguments, shell } from '../packer/template.ts';

interface StockTemplateInput extends BuilderInput {
  /** A NoCloud seed: without one nobody could log in. */
  readonly seed: string;
  /** Of the image, bytes. */
  readonly size: number;
  /** In their order. */
  readonly scripts: readonly { readonly path: string; readonly variables: Readonly<Record<string, string>> }[];
}

export const stockTemplate = (input: StockTemplateInput) => ({
  builders: [
    {
      ...builder(input),
      disk_image: true,
      use_backing_file: true,
      disk_size: `${Math.ceil(input.size / 2 ** 20)}M`,
      qemuargs: [
        ...qemuArguments(input),
        // A disk, since kernels for clouds know no CD drive; in the last slot, since SeaBIOS starts from the first disk alone.
        ['-blockdev', `driver=raw,node-name=seed,read-only=on,file.driver=file,file.filename=${input.seed}`],
        ['-device', 'virtio-blk-pci,drive=seed,addr=0x1e'],
      ],
    },
  ],
  provisioners: input.scripts.map(({ path, variables }) => shell(path, variables)),
});
