/**
 * The whole speaker as a function: what happens on the network goes in as events, what to do about
 * it comes out as actions. Here meet sessions ({@code fsm}), tables ({@code rib}) and rules ({@code
 * policy}); channels, clocks and threads stay outside in {@code bgp.netty}. Ruled by RFC 4271 and
 * RFC 4456. Begin at {@code Speaker.step}; what it is told is {@link
 * dev.catwalk.bgp.speaker.SpeakerConfig}.
 */
@NullMarked
package dev.catwalk.bgp.speaker;

import org.jspecify.annotations.NullMarked;
