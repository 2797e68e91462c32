penaltybox bad {
  .size = 5;
}

ratecounter calls {
  "a";
}
