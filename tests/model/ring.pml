/* SPDX-License-Identifier: MIT */
/*
 * ring.pml - the ring's push, pop, sleep and wake, with store buffers and death (spin 6.5)
 *
 * Models shm/include/shmq/hot.h, shm/ring.c and shm/sleep.c: flag in the slot, tickets that name a
 * position, the daemon's board words, death of either end or of the daemon at any step, successors.
 * The labels in brackets are those of the C code. Every word has one writer at a time, and stores
 * become visible late: without store buffers this model is blind to missing fences (-DSC shows it).
 *
 * Memory    default: x86 (one FIFO per process); -DPSO: one FIFO per word, a release store waits for
 *           the process's other stores; -DSC: no buffers at all
 * Size      CAP slots, N messages, B messages per batch, SM modulus of the lap half, FM modulus of
 *           what the futex compares of a position, START first lap, FREEW slots a full producer waits for
 * Wake      default wake=fence; -DMEMBAR wake=membarrier; -DMIXED the producer could not register
 *           and fences by itself; -DFRESH the producer registers at its first attach
 * Death     -DKILLP, -DKILLC at any step, a successor follows unless -DNOSUCC; -DDKILL the daemon too
 * Sleep     -DSPUR=n spurious returns and timeouts; -DSTAY a ticket stays from one sleep for a position
 *           to the next, without another fence
 * Mutations all other names: run.sh says what each takes away and that it must be found
 */
#ifndef CAP
#define CAP 2
#endif
#ifndef N
#define N 4
#endif
#ifndef SM
#define SM 2
#endif
#ifndef FM
#define FM (CAP + 1)
#endif
#ifndef B
#define B 1
#endif
#ifndef START
#define START 0
#endif
#ifndef FREEW
#define FREEW 1
#endif

/* ---- shared words ---- */
#define HEADER(pos)  ((pos) % CAP)		/* lap * 2 + one bit of the length */
#define PAYLOAD(pos) (CAP + (pos) % CAP)
#define PPOS	     (2 * CAP)			/* producer's position */
#define PTICKET	     (2 * CAP + 1)		/* consumer position the producer waits for, 0: none */
#define REGISTERED   (2 * CAP + 2)		/* kernel: the producer's process has registered */
#define CPOS	     (2 * CAP + 3)		/* consumer's position */
#define CTICKET	     (2 * CAP + 4)		/* position the consumer waits for + 1, 0: none */
#define PROLE	     (2 * CAP + 5)		/* board: 1 held, 2 died, 3 held by the successor */
#define CROLE	     (2 * CAP + 6)
#define BUMP	     (2 * CAP + 7)		/* board: futex word */
#define WORDS	     (2 * CAP + 8)

#define EMPTY_LAP(pos) (((pos) / CAP + START) % SM)
#define FULL_LAP(pos)  (((pos) / CAP + START + 1) % SM)
#define FULL(pos)      (FULL_LAP(pos) * 2 + ((pos) + 1) % 2)

byte mem[WORDS];

/* Kernel queues: the consumer sleeps on slot cq_slot - 1 and, if cq_bump, on BUMP; the producer on
 * the consumer's position if pq_pos, and on BUMP if pq_bump. */
byte cq_slot, pq_pos;
bool cq_bump, pq_bump;

bool go, p_dead, c_dead, p_again, c_again;	/* deaths; successors granted */
byte published, released, p_dead_at, c_dead_at, spurious; /* ghosts */

/* ---- stores ---- */
#if defined(SC)
#define STORE(who, word, value)	  mem[word] = value
#define RELEASE(who, word, value) mem[word] = value
#define DRAINED(who)		  skip
#elif defined(PSO)
chan sb[WORDS] = [2] of { byte };
#define STORE(who, word, value)	  sb[word]!value
#if CAP == 2
#define DRAINED0 (empty(sb[0]) && empty(sb[1]) && empty(sb[2]) && empty(sb[3]) && empty(sb[4]) && empty(sb[5]) && empty(sb[6]))
#else
#define DRAINED0 (empty(sb[0]) && empty(sb[1]) && empty(sb[2]) && empty(sb[3]) && empty(sb[4]) && empty(sb[5]) && empty(sb[6]) && empty(sb[7]) && empty(sb[8]) && empty(sb[9]) && empty(sb[10]))
#endif
#define DRAINED1 (empty(sb[CPOS]) && empty(sb[CTICKET]))
#define DRAINED2 (empty(sb[PROLE]) && empty(sb[CROLE]) && empty(sb[BUMP]))
#define DRAINED(who) ((who == 0 && DRAINED0) || (who == 1 && DRAINED1) || (who == 2 && DRAINED2))
#define RELEASE(who, word, value) DRAINED(who); STORE(who, word, value)
#define LAND(word) :: atomic { sb[word]?x -> mem[word] = x; x = 0 }
active proctype memory()
{
	byte x;
end:	do
	LAND(0) LAND(1) LAND(2) LAND(3) LAND(4) LAND(5) LAND(6) LAND(7) LAND(8) LAND(9) LAND(10) LAND(11)
#if CAP == 4
	LAND(12) LAND(13) LAND(14) LAND(15)
#endif
	od
}
#else
chan sb[3] = [4] of { byte, byte };
#define STORE(who, word, value)	  sb[who]!word, value
#define RELEASE(who, word, value) STORE(who, word, value)
#define DRAINED(who)		  empty(sb[who])
active proctype memory()
{
	byte word, x;
end:	do
	:: atomic { sb[0]?word, x -> mem[word] = x; word = 0; x = 0 }
	:: atomic { sb[1]?word, x -> mem[word] = x; word = 0; x = 0 }
	:: atomic { sb[2]?word, x -> mem[word] = x; word = 0; x = 0 }
	od
}
#endif

/* ---- orders that a mutation may weaken ---- */
#ifdef HEADER_RELAXED				/* [P1] */
#define STORE_HEADER STORE
#else
#define STORE_HEADER RELEASE
#endif
#ifdef PPOS_RELAXED				/* [P2] */
#define STORE_PPOS STORE
#else
#define STORE_PPOS RELEASE
#endif
#ifdef CPOS_RELAXED				/* [C2] */
#define STORE_CPOS STORE
#else
#define STORE_CPOS RELEASE
#endif
#ifdef BUMP_RELAXED				/* [D2] */
#define STORE_BUMP STORE
#else
#define STORE_BUMP RELEASE
#endif
#if defined(NO_P3F) || (defined(MEMBAR) && !defined(MIXED))
#define P_FENCE skip				/* [P3m]: a compiler barrier only */
#else
#define P_FENCE DRAINED(0)			/* [P3f] */
#endif
#if defined(NO_C3F) || defined(MEMBAR)
#define C_FENCE skip
#else
#define C_FENCE DRAINED(1)
#endif
#ifdef FRESH					/* membarrier reaches only who has registered */
#define REMOTE_P if :: mem[REGISTERED] == 0 -> skip :: else -> DRAINED(0) fi
#else
#define REMOTE_P DRAINED(0)
#endif
#ifdef NO_C_ARM					/* [S1] [S2] of the consumer */
#define C_ARM skip
#elif defined(MEMBAR)
#define C_ARM DRAINED(1); REMOTE_P
#else
#define C_ARM DRAINED(1)
#endif
#ifdef NO_P_ARM					/* [S1] [S2] of the producer */
#define P_ARM skip
#elif defined(MEMBAR)
#define P_ARM DRAINED(0); DRAINED(1)
#else
#define P_ARM DRAINED(0)
#endif
#ifdef NO_KERNEL_WAIT_FENCE			/* futex_wait compares under a lock: a full barrier */
#define KERNEL_WAIT(who) skip
#else
#define KERNEL_WAIT(who) DRAINED(who)
#endif
#ifdef NO_KERNEL_WAKE_FENCE
#define KERNEL_WAKE(who) skip
#else
#define KERNEL_WAKE(who) DRAINED(who)
#endif
#define WAKE_CONSUMER(pos) atomic { if :: cq_slot == (pos) % CAP + 1 -> cq_slot = 0; cq_bump = 0 :: else -> skip fi }
#define WAKE_PRODUCER	   atomic { pq_pos = 0; pq_bump = 0 }
#ifdef STAY
#define ARMED , armed				/* pos + 1 of the ticket that was fenced */
#else
#define ARMED
#endif
#ifdef SPUR
#define SPURIOUS :: atomic { spurious < SPUR -> spurious++ }
#else
#define SPURIOUS
#endif
#if defined(NO_CLEAR) || defined(STAY)
#define CLEAR(who, word) skip
#else
#define CLEAR(who, word) STORE(who, word, 0)
#endif
#if defined(REGISTER_LATE)
#define REGISTER_FIRST skip
#define REGISTER_AFTER if :: !registered -> registered = 1; STORE(0, REGISTERED, 1); DRAINED(0) :: else -> skip fi
#elif defined(FRESH)
#define REGISTER_AFTER skip
#ifdef REGISTER_NO_FENCE
#define REGISTER_FIRST STORE(0, REGISTERED, 1)
#else
#define REGISTER_FIRST STORE(0, REGISTERED, 1); DRAINED(0)
#endif
#else
#define REGISTER_FIRST skip
#define REGISTER_AFTER skip
#endif

/* ---- producer: wait for room, fill a batch, publish, look at the consumer's ticket ---- */
inline wait_for_room()
{
	do
	:: pos - seen_c < CAP -> break
	:: else ->
		seen_c = mem[CPOS];			/* [P4] */
		if
		:: pos - seen_c < CAP -> skip
		:: else ->
#ifdef STAY
			if
			:: armed == pos + 1 -> skip
			:: else -> STORE(0, PTICKET, pos - CAP + FREEW); P_ARM; armed = pos + 1
			fi;
#else
#ifndef P_LOOK_FIRST
			STORE(0, PTICKET, pos - CAP + FREEW);
#endif
			P_ARM;
#endif
#ifdef ROLE_BEFORE_BUMP
			role = mem[CROLE]; bump = mem[BUMP];
#else
			bump = mem[BUMP]; role = mem[CROLE];
#endif
#ifdef P_LOOK_FIRST
			STORE(0, PTICKET, pos - CAP + FREEW);
#endif
#ifndef NO_P_LOOK
			seen_c = mem[CPOS];
#endif
			if
			:: pos - seen_c < CAP -> skip
			:: else ->
				if
				:: role == 2 && !told -> assert(pos - c_dead_at >= CAP); told = 1
				:: else ->		/* futex_waitv(CPOS, BUMP) */
					KERNEL_WAIT(0);
					atomic { if :: mem[CPOS] % FM == seen_c % FM -> pq_pos = 1 :: else -> skip fi };
					atomic { if :: pq_pos && mem[BUMP] == bump -> pq_bump = 1 :: else -> pq_pos = 0 fi };
					if :: pq_pos == 0 SPURIOUS fi;
					atomic { pq_pos = 0; pq_bump = 0 }
				fi
			fi;
			bump = 0; role = 0;
			CLEAR(0, PTICKET)
		fi
	od
}

inline publish_batch()
{
	n = 0;
	do
	:: n < B && pos + n < N && pos + n - seen_c < CAP ->
#ifdef HEADER_FIRST
		atomic { STORE(0, HEADER(pos + n), FULL(pos + n)); published++ };
#endif
		STORE(0, PAYLOAD(pos + n), pos + n + 1);
		n++
	:: else -> break
	od;
#ifdef PPOS_FIRST
	STORE(0, PPOS, pos + n);
#endif
#ifdef HEADER_REVERSE
	i = n;
	do :: i > 0 -> i--; atomic { STORE_HEADER(0, HEADER(pos + i), FULL(pos + i)); published++ } :: else -> break od;
#elif !defined(HEADER_FIRST)
	i = 0;
	do :: i < n -> atomic { STORE_HEADER(0, HEADER(pos + i), FULL(pos + i)); published++ }; i++ :: else -> i = 0; break od;
#endif
	pos = pos + n;
#ifndef PPOS_FIRST
	STORE_PPOS(0, PPOS, pos)
#endif
}

inline produce()
{
	do
	:: pos == N -> break
	:: else ->
		wait_for_room();
		publish_batch();
		P_FENCE;
		ticket = mem[CTICKET];			/* [P3] */
		if
#ifdef WAKE_AT_FIRST
		:: ticket != 0 && ticket > pos - n && ticket <= pos -> ticket = 0; KERNEL_WAKE(0); WAKE_CONSUMER(pos - n)
#else
		:: ticket != 0 && ticket > pos - n && ticket <= pos -> KERNEL_WAKE(0); WAKE_CONSUMER(ticket - 1); ticket = 0
#endif
		:: else -> ticket = 0
		fi;
		REGISTER_AFTER;
		n = 0
	od
}

active proctype producer()
{
	byte pos, seen_c, bump, role, n, i, ticket ARMED;
	bool told, registered;

	go;
	{ REGISTER_FIRST; produce() } unless { p_dead }
}

#if defined(KILLP) && !defined(NOSUCC)
active proctype producer_successor()
{
	byte pos, seen_c, bump, role, n, i, ticket ARMED;
	bool told, registered;

	p_again;
	REGISTER_FIRST;
	pos = mem[PPOS]; seen_c = mem[CPOS];		/* [C6] */
#ifdef CHECK_EARLY
	assert(pos >= seen_c);				/* wrong: the consumer may be past it already */
#endif
#ifndef NO_STEP
	do :: mem[HEADER(pos)] / 2 == FULL_LAP(pos) && i < CAP -> pos++; i++ :: else -> break od;
#endif
	assert(i <= B && (pos == 0 || mem[HEADER(pos - 1)] / 2 == FULL_LAP(pos - 1)));
	seen_c = mem[CPOS];
#ifndef NO_GHOST
	assert(pos == p_dead_at && pos >= seen_c && pos - seen_c <= CAP);
#endif
	i = 0;
	produce()
}
#endif

/* ---- consumer: wait for the header, read, release, look at the producer's ticket ---- */
inline consume()
{
	do
#ifndef NOSUCC
	:: pos == N -> break
#endif
	:: else ->
		do
		::
#ifdef HEADER_NO_ACQUIRE
			x = mem[PAYLOAD(pos)];
#endif
			header = mem[HEADER(pos)];	/* [C1] */
			if
			:: header / 2 == FULL_LAP(pos) -> break
			:: else ->
				assert(header / 2 == EMPTY_LAP(pos));
#ifdef STAY
				if
				:: armed == pos + 1 -> skip
				:: else -> STORE(1, CTICKET, pos + 1); C_ARM; armed = pos + 1
				fi;
#else
#ifndef C_LOOK_FIRST
				STORE(1, CTICKET, pos + 1);
#endif
				C_ARM;
#endif
#ifdef ROLE_BEFORE_BUMP
				role = mem[PROLE]; bump = mem[BUMP];
#else
				bump = mem[BUMP]; role = mem[PROLE];
#endif
#ifndef NO_C_LOOK
				header = mem[HEADER(pos)];
#endif
#ifdef C_LOOK_FIRST
				STORE(1, CTICKET, pos + 1);
#endif
				if
				:: header / 2 == FULL_LAP(pos) -> skip
				:: else ->
					if
					:: role == 2 && !told ->
						assert(pos >= p_dead_at); told = 1; /* never before the last message */
#ifdef NOSUCC
						assert(pos == p_dead_at); goto fin
#endif
					:: else ->	/* futex_waitv(lap half of the header, BUMP) */
						KERNEL_WAIT(1);
						atomic { if :: mem[HEADER(pos)] / 2 == EMPTY_LAP(pos) -> cq_slot = pos % CAP + 1 :: else -> skip fi };
						atomic { if :: cq_slot && mem[BUMP] == bump -> cq_bump = 1 :: else -> cq_slot = 0 fi };
						if :: cq_slot == 0 SPURIOUS fi;
						atomic { cq_slot = 0; cq_bump = 0 }
					fi
				fi;
				bump = 0; role = 0;
				CLEAR(1, CTICKET)
			fi
		od;
#ifdef RELEASE_EARLY
		atomic { STORE(1, CPOS, pos + 1); released = pos + 1 };
#endif
#ifndef HEADER_NO_ACQUIRE
		x = mem[PAYLOAD(pos)];
#endif
		assert(x == pos + 1 && header % 2 == x % 2);	/* nothing lost, doubled, torn, reordered */
		x = mem[PAYLOAD(pos)];
		assert(x == pos + 1);				/* nor overwritten while it is ours */
		x = 0; header = 0; pos++;
#ifndef RELEASE_EARLY
		atomic { STORE_CPOS(1, CPOS, pos); released = pos };
#endif
		C_FENCE;
		ticket = mem[PTICKET];				/* [C3] */
		if :: ticket == pos -> ticket = 0; KERNEL_WAKE(1); WAKE_PRODUCER :: else -> ticket = 0 fi
	od
}

active proctype consumer()
{
	byte pos, header, x, bump, role, ticket ARMED;
	bool told;

	go;
	{ consume() } unless { c_dead };
fin:	skip
}

#if defined(KILLC) && !defined(NOSUCC)
active proctype consumer_successor()
{
	byte pos, header, x, bump, role, ticket ARMED;
	bool told;

	c_again;
	pos = mem[CPOS];
	assert(pos == c_dead_at);
	consume();
fin:	skip
}
#endif

/* ---- death, and the daemon that tells of it ---- */
#ifdef KILLP
active proctype kill_producer() { go; atomic { p_dead = 1; p_dead_at = published } }
#endif
#ifdef KILLC
active proctype kill_consumer() { go; atomic { c_dead = 1; c_dead_at = released } }
#endif
#if defined(KILLP) || defined(KILLC)
#ifdef DKILL
#define MAY_DIE if :: !died -> died = 1; goto restart :: skip fi
#else
#define MAY_DIE skip
#endif
#ifdef NO_DAEMON_WAKE
#define DAEMON_WAKE skip
#else
#define DAEMON_WAKE DRAINED(2); atomic { if :: cq_bump -> cq_slot = 0; cq_bump = 0 :: else -> skip fi; if :: pq_bump -> pq_pos = 0; pq_bump = 0 :: else -> skip fi }
#endif
#ifdef NO_BUMP
#define DAEMON_BUMP skip
#else
#define DAEMON_BUMP bumps++; STORE_BUMP(2, BUMP, bumps)
#endif
#ifdef BUMP_FIRST
#define TELL(role) DAEMON_BUMP; MAY_DIE; DAEMON_WAKE; MAY_DIE; STORE(2, role, 2); MAY_DIE
#else
#define TELL(role) STORE(2, role, 2); MAY_DIE; DAEMON_BUMP; MAY_DIE; DAEMON_WAKE; MAY_DIE
#endif
active proctype daemon()
{
	byte bumps;
	bool died;

enddaemon:
	do
	:: p_dead && DRAINED(2) && mem[PROLE] == 1 ->
		DRAINED(0);	/* a pidfd fires after the process's stores are visible */
		atomic { pq_pos = 0; pq_bump = 0 };
		TELL(PROLE)
	:: c_dead && DRAINED(2) && mem[CROLE] == 1 ->
		DRAINED(1);
		atomic { cq_slot = 0; cq_bump = 0 };
		TELL(CROLE)
#ifndef NOSUCC
	:: DRAINED(2) && mem[PROLE] == 2 -> STORE(2, PROLE, 3); MAY_DIE; DAEMON_BUMP; MAY_DIE; DAEMON_WAKE; MAY_DIE; DRAINED(2)
	:: DRAINED(2) && mem[CROLE] == 2 -> STORE(2, CROLE, 3); MAY_DIE; DAEMON_BUMP; MAY_DIE; DAEMON_WAKE; MAY_DIE; DRAINED(2)
	:: DRAINED(2) && mem[PROLE] == 3 && !p_again -> p_again = 1
	:: DRAINED(2) && mem[CROLE] == 3 && !c_again -> c_again = 1
#endif
	od;
#ifdef DKILL
restart:
	DRAINED(2);
	bumps = mem[BUMP];
#ifndef NO_ADOPT_BUMP
	DAEMON_BUMP; DAEMON_WAKE;
#endif
	goto enddaemon
#endif
}
#endif

init
{
	byte i;

	d_step {
		mem[PROLE] = 1; mem[CROLE] = 1;
		i = 0;
		do :: i < CAP -> mem[i] = (START % SM) * 2; i++ :: else -> break od;
		i = 0;
		go = 1
	}
}
