/** What keeps an image from running anywhere, and what it is compared with. */

/** What the recipe asks for. */
export interface Expected {
  /** `ttyS0`, `ttyS0,115200`: every one has to be in the kernel command line. */
  readonly consoles: readonly string[];
  readonly kernelArguments: readonly string[];
  /** Undefined where it may be there or not. */
  readonly cloudInit: boolean | undefined;
  /** Where packages come from; Debian's own archives when absent. */
  readonly repositories?: readonly Sources[] | undefined;
}

export type Sources = Readonly<Record<'uris' | 'suites' | 'components', readonly string[]>>;

export interface PortabilityFinding {
  readonly rule: string;
  readonly message: string;
}
