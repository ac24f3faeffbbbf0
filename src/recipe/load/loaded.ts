/** A recipe as it was loaded: what it says, with the secrets and the small files that it names, and its hosts. */
import type { HostMatch } from '../schema/hosts-schema.ts';
import type { Frozen } from '../schema/lock-schema.ts';
import type { Variables } from '../schema/variables-schema.ts';
import type { Recipe } from '../schema.ts';
import type { SecretStore } from '../secrets/secrets.ts';
import type { Stated } from './stated.ts';

export interface LoadedRecipe {
  readonly recipe: Recipe;
  /** Absolute path of the recipe file, and the folder that relative paths start from. */
  readonly path: string;
  readonly folder: string;
  /** The file as it was read. */
  readonly text: string;
  /** SHA-256 of the resolved recipe with its variables and the small files it names; secrets are not in it. */
  readonly digest: string;
  /** The fields that are in the file, and not defaults. */
  readonly stated: Stated;
  readonly variables: Variables;
  readonly secrets: SecretStore;
  /** Content of the files that go into the answers, by the path as the recipe has it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The recipe of the image that this one begins with. */
  readonly parent?: LoadedRecipe;
  /** The lock that its build has to keep to. */
  readonly frozen?: Frozen;
  /** Its hosts, each as a recipe of its own, in the order in which they are written. */
  readonly hosts: readonly LoadedHost[];
}

export interface LoadedHost {
  readonly name: string;
  readonly match: HostMatch;
  /** The recipe with the host's changes, without hosts. */
  readonly loaded: LoadedRecipe;
}
