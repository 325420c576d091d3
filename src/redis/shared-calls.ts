/** Of calls that many share: few enough in each that none holds Redis up. */
export const SHARED_CALLS = { maxItems: 64, maxCalls: 8 };
