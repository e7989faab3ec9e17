/* SPDX-License-Identifier: MIT */
/*
 * registry.pml - the daemon's update sequences: create, attach, detach, death, destroy, adopt
 *
 * Models daemon/core: what is stored in which order into the registry (the daemon's own), the board
 * (read by clients) and /dev/shm, with the daemon killed between any two of them (-DKILLS=n times)
 * and adopting what it left. One ring, one producer process that attaches and then leaves in good
 * order or dies, one client that sleeps on the board until it is told; the ring may be destroyed by
 * force meanwhile. Board stores go through the daemon's store buffer; a killed process's buffer
 * still drains, and it does so before its successor starts.
 *
 * Never: a LIVE ring without its segment, a segment that no record claims once the daemon is idle,
 * a sleeper that is not told, a role that stays held by the dead, a living holder's role taken.
 */
#ifndef KILLS
#define KILLS 2
#endif

/* registry words of the ring and of its one attachment */
#define FREE	   0
#define CREATING   1
#define LIVE	   2
#define DESTROYING 3
#define TOMBSTONE  4
#define HELD	   1
#define DETACHING  2
#define DYING	   3
byte ring, attachment;

/* board: state 0 none, 1 live, 2 destroyed; role 0 none, 1 held, 2 detached, 3 died */
#define STATE 0
#define ROLE  1
#define BUMP  2
byte board[3];
chan sb = [6] of { byte, byte };
#define STORE(word, value) sb!word, value
#define DRAINED		   empty(sb)

bool segment;			/* the name is in /dev/shm */
bool asleep;			/* the client is in futex_wait on BUMP */
bool alive = 1, wants_in, wants_out, granted, destroy_asked;
bool told_gone, told_dead;	/* what the client learnt */
byte kills;
bool idle;			/* the daemon waits for events */

active proctype memory()
{
	byte word, value;
end:	do
	:: atomic { sb?word, value -> board[word] = value; word = 0; value = 0 }
	od
}

#define WAKE DRAINED; asleep = 0	/* a system call: a full barrier */
#define MAY_DIE if :: kills < KILLS -> kills++; goto restart :: skip fi

#ifdef NO_BUMP
#define TELL MAY_DIE; WAKE; MAY_DIE
#elif defined(NO_WAKE)
#define TELL MAY_DIE; bump++; STORE(BUMP, bump); MAY_DIE
#else
#define TELL MAY_DIE; bump++; STORE(BUMP, bump); MAY_DIE; WAKE; MAY_DIE
#endif

#ifdef NO_ADOPT_TELL
#define ADOPT_TELL MAY_DIE
#else
#define ADOPT_TELL TELL
#endif

active proctype daemon()
{
	byte bump;

wait:	atomic { idle = 1; DRAINED }
	do
	/* create: the intent, the segment, the ring; then the board */
	:: atomic { ring == FREE && !destroy_asked -> idle = 0 }
#ifdef SEGMENT_FIRST
		segment = 1; MAY_DIE; ring = CREATING; MAY_DIE;
#elif defined(LIVE_FIRST)
		ring = LIVE; MAY_DIE; segment = 1; MAY_DIE;
#else
		ring = CREATING; MAY_DIE; segment = 1; MAY_DIE;
#endif
		ring = LIVE; MAY_DIE;
		STORE(STATE, 1); TELL;
		goto wait
	/* attach: the record, the board, then the reply */
	:: atomic { ring == LIVE && attachment == FREE && wants_in && alive -> idle = 0 }
#ifdef REPLY_FIRST
		granted = 1; MAY_DIE;
#endif
		attachment = HELD; MAY_DIE;
		STORE(ROLE, 1); TELL;
		atomic { granted = 1; wants_in = 0 };
		goto wait
	/* lost reply: the same nonce gets the same answer */
	:: atomic { attachment == HELD && wants_in && !granted -> granted = 1; wants_in = 0 }
	/* detach: the intent, the board, free */
	:: atomic { attachment == HELD && wants_out && alive -> idle = 0 }
		attachment = DETACHING; MAY_DIE;
		STORE(ROLE, 2); TELL;
		atomic { attachment = FREE; granted = 0; wants_out = 0 };
		goto wait
	/* its process ended: the intent, the board, free */
	:: atomic { attachment == HELD && !alive -> idle = 0 }
#ifdef FREE_FIRST
		attachment = FREE; MAY_DIE; STORE(ROLE, 3); TELL;
#elif defined(NO_INTENT)
		STORE(ROLE, 3); TELL; attachment = FREE; MAY_DIE;
#else
		attachment = DYING; MAY_DIE; STORE(ROLE, 3); TELL; attachment = FREE; MAY_DIE;
#endif
		goto wait
	/* destroy by force: the intent, the board, unlink, the tombstone while somebody maps it */
	:: atomic { ring == LIVE && destroy_asked -> idle = 0 }
#ifdef UNLINK_FIRST
		segment = 0; MAY_DIE; ring = DESTROYING; MAY_DIE; STORE(STATE, 2); TELL;
#elif defined(RECORD_FREE_FIRST)
		STORE(STATE, 2); TELL; ring = TOMBSTONE; MAY_DIE; segment = 0; MAY_DIE;
#else
		ring = DESTROYING; MAY_DIE; STORE(STATE, 2); TELL; segment = 0; MAY_DIE;
#endif
		ring = TOMBSTONE; MAY_DIE;
		goto wait
	:: atomic { ring == TOMBSTONE && attachment == FREE -> ring = FREE }
	od;

	/* the next daemon: every word bumped and woken first, then each intent is finished */
restart:
	atomic { idle = 0; DRAINED; bump = board[BUMP] };
	ADOPT_TELL;
	if
	:: ring == CREATING ->
#ifndef NO_UNDO
		segment = 0;
#endif
		MAY_DIE; ring = FREE
	:: ring == LIVE -> assert(segment); STORE(STATE, 1); ADOPT_TELL
	:: ring == DESTROYING || ring == TOMBSTONE ->
		STORE(STATE, 2); ADOPT_TELL;
#ifndef RECORD_FREE_FIRST
		segment = 0; MAY_DIE;
#endif
		ring = TOMBSTONE
	:: else -> skip
	fi;
	MAY_DIE;
	if
	:: attachment == DETACHING -> STORE(ROLE, 2); ADOPT_TELL; atomic { attachment = FREE; granted = 0; wants_out = 0 }
	:: attachment == DYING -> STORE(ROLE, 3); ADOPT_TELL; attachment = FREE
	:: attachment == HELD -> STORE(ROLE, 1); ADOPT_TELL
	:: else -> skip
	fi;
	MAY_DIE;
	goto wait
}

/* a producer's process: attaches, writes, then leaves or dies; it may die anywhere */
active proctype producer()
{
	wants_in = 1;
	if
	:: granted -> 
		assert(attachment == HELD && ring != FREE);
		if :: wants_out = 1; do :: !wants_out -> break :: alive = 0; break od :: alive = 0 fi
	:: alive = 0
	:: destroy_asked -> alive = 0
	fi
}

active proctype admin() { if :: destroy_asked = 1 :: skip fi }

/* a consumer asleep: waits for the end of the ring or of the producer, on BUMP alone */
active proctype client()
{
	byte b;

	do
	:: b = board[BUMP];
#ifndef LOOK_FIRST
		if
		:: board[STATE] == 2 -> told_gone = 1; break
		:: board[ROLE] == 3 || board[ROLE] == 2 -> told_dead = 1; break
		:: else -> skip
		fi;
#endif
		atomic { if :: board[BUMP] == b -> asleep = 1 :: else -> skip fi };
		/* asleep for ever only while there is nothing to tell: an invalid end state else */
endsleep:	if
		:: !asleep -> skip
		fi
	od
}

/* Once the daemon waits and nothing is under way, everything must be in order. */
active proctype judge()
{
end:	do
	:: d_step { idle && DRAINED ->
		assert(!(ring == LIVE) || segment);
		assert(!(ring == FREE || ring == TOMBSTONE) || !segment);
		assert(!(attachment == HELD && alive) || board[ROLE] == 1);
		assert(attachment != FREE || board[ROLE] != 1);
		assert(attachment != DETACHING && attachment != DYING);
		assert(ring != CREATING && ring != DESTROYING);
		/* the sleeper sleeps on only if there is nothing to tell */
		assert(!asleep || (board[STATE] != 2 && board[ROLE] != 3 && board[ROLE] != 2))
	   }
	od
}
