import type { Settings } from '../../../infra/settings.ts';
import type { Program } from '../program.ts';

/** Throws where the program does not meet it. The name is a fact about every stage. */
type Requirement = (program: Program, settings: Settings) => void;
export type Requirements = Readonly<Record<string, Requirement>>;
