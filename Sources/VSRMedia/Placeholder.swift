import VSRCore
