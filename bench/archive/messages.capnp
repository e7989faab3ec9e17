# SPDX-License-Identifier: MIT
@0xb1f0c5ad3e7d9a21;

struct Fixed {
  id @0 :UInt64;
  time @1 :UInt64;
  price @2 :Float64;
  quantity @3 :UInt32;
  venue @4 :UInt32;
  buy @5 :Bool;
}

struct Small {
  id @0 :UInt64;
  time @1 :UInt64;
  price @2 :Float64;
  quantity @3 :UInt32;
  buy @4 :Bool;
  symbol @5 :Text;
}

struct Level {
  price @0 :Float64;
  quantity @1 :UInt32;
  orders @2 :UInt32;
}

struct Large {
  id @0 :UInt64;
  levels @1 :List(Level);
  texts @2 :List(Text);
}
