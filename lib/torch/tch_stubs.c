/* SPDX-License-Identifier: MIT */
/*
 * The shim reads and writes streams through functions that its Rust crate
 * defines.  Nothing here hands it a stream, so each of them refuses.
 */
#include "tch.h"

bool tch_write_stream_destructor(void *stream_ptr)
{
	(void)stream_ptr;
	return false;
}

bool tch_write_stream_write(void *stream_ptr, const uint8_t *buf, size_t size,
			    size_t *out_size)
{
	(void)stream_ptr, (void)buf, (void)size, (void)out_size;
	return false;
}

bool tch_read_stream_destructor(void *stream_ptr)
{
	(void)stream_ptr;
	return false;
}

bool tch_read_stream_stream_position(void *stream_ptr, uint64_t *pos)
{
	(void)stream_ptr, (void)pos;
	return false;
}

bool tch_read_stream_seek_start(void *stream_ptr, uint64_t pos,
				uint64_t *new_pos)
{
	(void)stream_ptr, (void)pos, (void)new_pos;
	return false;
}

bool tch_read_stream_seek_end(void *stream_ptr, int64_t pos, uint64_t *new_pos)
{
	(void)stream_ptr, (void)pos, (void)new_pos;
	return false;
}

bool tch_read_stream_read(void *stream_ptr, uint8_t *buf, size_t size,
			  size_t *new_pos)
{
	(void)stream_ptr, (void)buf, (void)size, (void)new_pos;
	return false;
}
