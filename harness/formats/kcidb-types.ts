/** The name that diorama has among the systems that submit to KCIDB. */
export const kcidbOrigin = 'diorama';

export type KcidbStatus = 'FAIL' | 'ERROR' | 'MISS' | 'PASS' | 'DONE' | 'SKIP';

/** What we write of KCIDB's schema v5.3 (kernelci/kcidb-io); its names. Times are ISO 8601, durations seconds. */
export interface KcidbReport {
  readonly version: { readonly major: 5; readonly minor: 3 };
  readonly checkouts: readonly KcidbCheckout[];
  readonly builds: readonly KcidbBuild[];
  readonly tests: readonly KcidbTest[];
  readonly issues: readonly KcidbIssue[];
  readonly incidents: readonly KcidbIncident[];
}

interface KcidbObject {
  readonly id: string;
  readonly origin: string;
  readonly comment?: string;
  readonly misc?: Readonly<Record<string, unknown>>;
}

export interface KcidbCheckout extends KcidbObject {
  readonly git_commit_hash?: string;
  readonly patchset_hash?: string;
  readonly start_time?: string;
  readonly log_excerpt?: string;
  readonly valid?: boolean;
}

export interface KcidbBuild extends KcidbObject {
  readonly checkout_id: string;
  readonly architecture?: string;
  readonly compiler?: string;
  readonly config_name?: string;
  readonly duration?: number;
  readonly log_excerpt?: string;
  readonly status?: KcidbStatus;
}

export interface KcidbTest extends KcidbObject {
  readonly build_id: string;
  readonly path?: string;
  readonly status?: KcidbStatus;
  readonly environment?: { readonly comment?: string; readonly misc?: Readonly<Record<string, unknown>> };
  readonly log_excerpt?: string;
  readonly start_time?: string;
  readonly duration?: number;
  readonly number?: { readonly value: number; readonly unit?: string };
}

export interface KcidbIssue extends KcidbObject {
  readonly version: number;
  readonly culprit?: { readonly code: boolean; readonly tool: boolean; readonly harness: boolean };
}

export interface KcidbIncident extends KcidbObject {
  readonly issue_id: string;
  readonly issue_version: number;
  readonly build_id?: string;
  readonly test_id?: string;
  readonly present?: boolean;
}
