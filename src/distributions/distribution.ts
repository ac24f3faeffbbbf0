/**
 * What a distribution has to provide so that it can be installed: the only interface through which stages know one. A new family
 * adds a room next to `debian/` and `anaconda/` that gives this, and is named in `find.ts` and `recipe-rules.ts`.
 */
import type { AnswerContext, AnswerFile, AnswerSet } from '../answers/answer-set.ts';
import type { HostChooser } from '../answers/hosts.ts';
import type { GuestFiles } from '../capture/guest-files.ts';
import type { InstalledPackage } from '../capture/installed-packages.ts';
import type { Expected, PortabilityFinding } from '../capture/portability-finding.ts';
import type { CanonicalRule } from '../capture/rebuild/canonical.ts';
import type { Cause } from '../diagnosis/cause.ts';
import type { CpioEntry } from '../formats/archives/cpio.ts';
import type { SealUnit } from '../guest/seal/unit.ts';
import type { StepContext } from '../guest/steps/step-context.ts';
import type { Saving } from '../inspect/budget.ts';
import type { PackageDatabase } from '../inspect/package-database.ts';
import type { Subject } from '../inspect/subject.ts';
import type { InstallerPhases } from '../machine/watch/installer-phases.ts';
import type { AskedQuestion } from '../machine/watch/watch-errors.ts';
import type { MediumOf } from '../media/fitting.ts';
import type { Medium } from '../media/iso/medium.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { Strip } from '../recipe/schema/slim-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Reporter } from '../report.ts';
import type { Evidence } from '../trust/evidence.ts';
import type { Trusted } from '../trust/trusted.ts';
import type { KnownUpdates, UpdateFolders, UpdateWish } from '../vulns/updates.ts';
import type { Lock } from './debian/archive/package-lock.ts';
import type { OsRelease } from './family-of.ts';

export interface Distribution {
  readonly answers: {
    /** The file that the installer reads by itself, in the root of its initrd and of the medium. */
    readonly file: string;
    /** Throws `recipe.template`. The same recipe gives the same bytes. */
    readonly render: (recipe: Recipe, context: AnswerContext) => AnswerSet;
    readonly hosts: HostChooser;
    /** Whether the answers say where the finished system gets packages from, although the recipe does not. */
    readonly needMirrors: boolean;
    /** Files for a volume with answers next to an untouched medium; absent where the installer looks for none. */
    readonly onVolume?: (answers: AnswerSet) => readonly { readonly name: string; readonly content: string }[];
    /** Packages that the answers imply, and why, where a recipe is not the whole list. */
    readonly implied?: (recipe: Recipe) => readonly { readonly name: string; readonly why: string }[];
  };
  readonly medium: {
    readonly knownBy: (os: Recipe['os']) => MediumOf;
    /** Throws `media.packages-missing` when the medium cannot install one of these; `added` lies on it as well. */
    readonly requirePackages: (medium: Medium, recipes: readonly Recipe[], added: ReadonlySet<string>) => void;
    /** What goes into the initrd whatever the recipe says. */
    readonly hooks: () => Promise<readonly CpioEntry[]>;
    /** Drivers by which a host is known by its cards; absent where the initrd has all. */
    readonly cardDrivers?: (iso: string, options: WorkFolder) => Promise<readonly CpioEntry[]>;
    /** The kernel arguments of the installed system that are in the medium's menu. */
    readonly menuArguments: (targetArguments: readonly string[]) => readonly string[];
  };
  readonly netboot: {
    /** The installer fetches most of itself from a server; otherwise all is in its initrd. */
    readonly isFetched: boolean;
  };
  readonly image: {
    /** Releases that were installed, configured, sealed and booted. */
    readonly releases: readonly string[];
    /** Why there is no image of another one, for a message. */
    readonly refusal: (os: Recipe['os']) => Refusal;
    /** Absent while its installer is not watched. Loaded when a machine runs. */
    readonly installer?: () => Promise<Installer>;
    /** Seal operations that only this family needs, in their order (`sealOperations` of its rules). Loaded when a stage asks. */
    readonly seal: () => Promise<readonly SealUnit[]>;
    /** Absent while its disks are not read. Loaded when one is. */
    readonly system?: () => Promise<System>;
    /** Absent while its files are not held against its packages. Loaded when an image is judged. */
    readonly trust?: () => Promise<TrustSystem>;
    /** Absent where no strips are known. Loaded when a recipe or an image asks. */
    readonly slim?: () => Promise<Slimming>;
    /** Absent while images of it that somebody else has made are not accepted. Loaded when one is used. */
    readonly adoption?: () => Promise<Adoption>;
    /** Absent where the indexes of its archive are not read. Loaded when an image is held against them. */
    readonly updates?: () => Promise<Updates>;
  };
}

interface WorkFolder {
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface Refusal {
  readonly message: string;
  readonly where: string;
  readonly detail: string;
  readonly hint: string;
}

/** How its installer is watched. */
export interface Installer {
  readonly phases: InstallerPhases;
  readonly causes: readonly Cause[];
  /** The question on the screen, with the line that answers it. */
  readonly questionOn: (screen: string, iso: string, signal: AbortSignal) => Promise<AskedQuestion | undefined>;
}

/** How a system that somebody else has made becomes the recipe's. */
export interface Adoption {
  readonly isThis: (release: OsRelease, os: Recipe['os']) => boolean;
  readonly application: (loaded: LoadedRecipe) => Promise<Application>;
}

/** What a recipe says of a system that is there already. */
export interface Application {
  /** Below a folder that the script knows as `$from`. */
  readonly files: readonly AnswerFile[];
  /** For `sh -eu` as root. */
  readonly script: string;
}

/** What is read out of a captured disk. */
export interface System {
  readonly packages: (files: GuestFiles) => Promise<InstalledPackage[]>;
  /** All that the package database tells, for images from anywhere; undefined where there is none. */
  readonly database: (files: GuestFiles) => Promise<PackageDatabase | undefined>;
  /** What would keep the image from running anywhere, or from being what the recipe says. */
  readonly portability: (files: GuestFiles, expected: Expected) => Promise<PortabilityFinding[]>;
  /** What of it is made the same in every installation; `digest`: by which a stage's key knows the rules. */
  readonly canonical: { readonly rules: readonly CanonicalRule[]; readonly digest: string };
}

/** How files of an image are held against signed packages. */
export interface TrustSystem {
  /** Goes up when the rules say something else of the same image. */
  readonly version: number;
  readonly check: (subject: Subject, evidence: Evidence<Lock>, signal?: AbortSignal) => Promise<Trusted>;
}

/** What the vendor's signed indexes tell of an installed system: docs/vulnerabilities.md. */
export interface Updates {
  /** Whether it is the vendor's own system, and not one that is merely like it. */
  readonly isThis: (release: OsRelease) => boolean;
  readonly known: (
    installed: readonly InstalledPackage[],
    wish: UpdateWish,
    folders: UpdateFolders,
    context: { readonly reporter: Reporter; readonly signal?: AbortSignal | undefined },
  ) => Promise<KnownUpdates>;
}

/** What is told of a strip: docs/slim.md has the table. */
export interface StripTold {
  readonly name: Strip;
  /** What it takes away. */
  readonly what: string;
  readonly why: string;
  /** What does not work any more. */
  readonly risk: string;
}

/** How its systems are made slim. */
export interface Slimming {
  readonly strips: readonly StripTold[];
  /** By which a stage's key knows what chosen strips do. */
  readonly digest: (chosen: readonly Strip[]) => string;
  /** In the machine, after the last step. */
  readonly run: (recipe: Recipe, context: StepContext) => Promise<void>;
  /** What each strip would save in an image, read from outside; those that would save nothing are left out. */
  readonly savings: (subject: Subject) => Promise<Saving[]>;
}
