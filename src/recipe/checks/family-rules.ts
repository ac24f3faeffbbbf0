/**
 * What a recipe can ask of the systems of one family. The rules of a distribution belong to the recipe's layer: they
 * read a recipe and nothing else, so that checking one loads nothing of an installer.
 */

import type { Stated } from '../load/stated.ts';
import type { Path, Problem } from '../problems/problem.ts';
import type { Strip } from '../schema/slim-schema.ts';
import type { Recipe, SealOperation } from '../schema.ts';

/** A rule across fields. */
export interface RecipeRule {
  /** Fields, with all below them, that the rule looks at. */
  readonly reads: readonly Path[];
  readonly check: (recipe: Recipe, stated: Stated) => Problem[];
}

export interface FamilyRules {
  /** `os` need not be among what they read. */
  readonly rules: readonly RecipeRule[];
  /** Login names that are taken before a recipe's users are made. */
  readonly reservedNames: ReadonlySet<string>;
  /** What is wrong with a script for the installer whose first line names this interpreter; undefined when it runs. */
  readonly installerScript: (interpreter: string) => string | undefined;
  /** Seal operations that only this family has, in addition to those of every system. */
  readonly sealOperations: readonly SealOperation[];
  /** What can be stripped of its systems. */
  readonly strips: readonly Strip[];
  /** Interpreters that every system of the family has: essential packages, and what Ingot installs. */
  readonly interpreters: readonly string[];
}
