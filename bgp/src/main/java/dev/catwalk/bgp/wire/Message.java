package dev.catwalk.bgp.wire;

/** One BGP message, RFC 4271 §4. */
public sealed interface Message permits Open, Update, Notification, Keepalive, RouteRefresh {}
