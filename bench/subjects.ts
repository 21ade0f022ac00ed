/** Who is measured, by the names that stand in results, goals and tables. */

export const offhook = 'offhook';
/** The relay of offhook without a batching window, and as it is by default. */
export const offhookEager = 'offhook, batchUs 0';
export const offhookBatching = 'offhook, batchUs auto';

/** rtpengine is measured both ways; the better one counts. */
export const rtpengines = ['rtpengine', 'rtpengine, 1 thread'] as const;

/** The least that a user-space relay in C can do, event driven and in batches. */
export const floor = 'C floor';
export const floorBatching = 'C floor, 1 ms poll';

export const kamailioStack = 'Kamailio + rtpengine';
