/** The library: what the command line does, for programs. */
export { buildImage, buildMedium } from './builds.ts';
export { IngotError } from './errors.ts';
export { createEngine, type Engine, type EngineOptions } from './pipeline/engine.ts';
export { type BuildEvent, createEventBus, type EventBus, type StampedEvent } from './pipeline/events.ts';
export { openStore, type Store } from './pipeline/store.ts';
export { imageStages, mediumStages } from './plan.ts';
export { recipeJsonSchema } from './recipe/json-schema.ts';
export { type LoadedRecipe, loadRecipe } from './recipe/load.ts';
export type { Recipe } from './recipe/schema.ts';
