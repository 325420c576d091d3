/** The part of an image's configuration that running it takes; `buildah inspect` tells it. */
export interface Image {
  /** Where its files are mounted. */
  readonly root: string;
  readonly user: string;
  readonly env: readonly string[];
  readonly command: readonly string[];
  readonly directory: string;
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Inspection {
  readonly OCIv1: {
    readonly config: {
      readonly User: string;
      readonly Env: string[];
      readonly Cmd: string[];
      readonly WorkingDir: string;
      readonly StopSignal: string;
      readonly Labels: Record<string, string>;
    };
  };
}

/** The image that test/image/run built and mounted. */
export function mountedImage(): Image {
  const { IMAGE_ROOT: root, IMAGE_INSPECTION: inspection } = process.env;
  if (root === undefined || inspection === undefined) throw new Error('run this by test/image/run');
  const { config } = (JSON.parse(inspection) as Inspection).OCIv1;
  return {
    root,
    user: config.User,
    env: config.Env,
    command: config.Cmd,
    directory: config.WorkingDir,
    stopSignal: config.StopSignal,
    labels: config.Labels,
  };
}
