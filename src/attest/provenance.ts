/**
 * How an image was made, as SLSA's provenance v1 says it (https://slsa.dev/spec/v1.1/provenance): what was asked for, what
 * all of it was made of, by whom and when. The only clocks are in `metadata`; all else is the same for the same build.
 */
import { PREDICATES } from '../formats/reports/predicates.ts';
import { type ResourceDescriptor, type Statement, type Subject, statementOf } from './statement.ts';

/** docs/provenance.md says what its fields mean. */
export const BUILD_TYPE = 'urn:ingot:image-build:v1';

/** What a user said; few and all, since whoever verifies refuses what is not known. */
export const EXTERNAL_PARAMETERS = ['recipe', 'variables', 'source', 'image'] as const;

export interface ExternalParameters {
  /** File name of the recipe. */
  readonly recipe: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Where the recipe is kept: `git+https://…@COMMIT`. */
  readonly source?: string | undefined;
  /** What is built: a recipe with variants makes several. */
  readonly image: string;
}

/** What makes one build less closed than another; each is a builder of its own. */
export interface BuildMode {
  /** The guest had a way out to the network while it was made. */
  readonly isOpen: boolean;
  /** Components of Ingot took the place of the installer's. */
  readonly hasStandIns: boolean;
  /** Secrets went into it, by value unknown here. */
  readonly hasSecrets: boolean;
}

export interface ProvenanceInput {
  readonly subject: readonly Subject[];
  readonly external: ExternalParameters;
  readonly internal: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly ResourceDescriptor[];
  readonly byproducts: readonly ResourceDescriptor[];
  readonly mode: BuildMode;
  /** Of Ingot, and of what it builds with. */
  readonly version: Readonly<Record<string, string>>;
  readonly metadata: { readonly invocationId: string; readonly startedOn: string; readonly finishedOn: string };
}

const BUILDER = 'urn:ingot:builder:v1';

export const builderId = ({ isOpen, hasStandIns, hasSecrets }: BuildMode): string =>
  [
    BUILDER,
    isOpen ? 'network-open' : 'network-closed',
    ...(hasStandIns ? ['stand-ins'] : []),
    ...(hasSecrets ? ['secrets'] : []),
  ].join(':');

/** A byproduct that lies in the folder, and is covered by this statement. */
export const DELIVERED = { lies: 'in the folder' } as const;

export interface Provenance {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: ExternalParameters;
    readonly internalParameters: Readonly<Record<string, unknown>>;
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  readonly runDetails: {
    readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
    readonly metadata: ProvenanceInput['metadata'];
    readonly byproducts: readonly ResourceDescriptor[];
  };
}

export const provenanceStatement = (input: ProvenanceInput): Statement<Provenance> =>
  statementOf(input.subject, PREDICATES.provenance, {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: input.external,
      internalParameters: input.internal,
      resolvedDependencies: input.dependencies,
    },
    runDetails: {
      builder: { id: builderId(input.mode), version: input.version },
      metadata: input.metadata,
      byproducts: input.byproducts,
    },
  });
