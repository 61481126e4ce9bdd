/* Time, for a process that runs brokers: what the machine stood still for is not counted.
 *
 * The library's mock cluster forgets a member whose session has expired, also one that waits for the answer to its
 * request to join, which then never comes: its client waits for five minutes. The first member of a group waits for 3
 * seconds (2.0.2), which is what kt's own have as their session there: a machine that was busy with something else, or
 * asleep, for a second of these was enough. The thread of the cluster looks at the clock at least once a second, to see
 * which of its timers are due; where that took longer, a second has passed for it and no more: no timer overtakes
 * another one, and a second of which the members knew nothing either does not end their sessions.
 *
 *   kt_standstill_forgive();                     before rd_kafka_mock_cluster_new()
 */
#ifndef KT_STANDSTILL_H
#define KT_STANDSTILL_H

enum { KT_STANDSTILL_MOST_MS = 1000 };

/* From now on, the monotonic clock of this process goes on by at most so much between two looks at it, whichever thread
 * and library takes them. The time of day is what it is. */
void kt_standstill_forgive(void);

#endif
